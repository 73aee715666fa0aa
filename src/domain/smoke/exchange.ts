import {type Answer} from './evaluation/answer.js'
import {type BuiltRequest} from './evaluation/build-request.js'
import {type ShownExchange} from './report.js'
import {type Redactor} from './secrets.js'

const longestBody = 2_048
/** Read before secrets are hidden; what is left of one at the end of it lies far behind what is shown. */
const consideredBody = 64 * 1_024

/** A request and its response for people: secrets hidden first, then cut. */
export function shownExchange(
  request: BuiltRequest,
  answer: Answer | undefined,
  redactor: Redactor,
): ShownExchange {
  const headers = (pairs: [string, string][]) =>
    pairs.map(([name, value]): [string, string] => [
      redactor.redact(name),
      redactor.redact(withoutCredential(name, value)),
    ])
  const sent: ShownExchange['request'] = {
    method: request.method,
    url: redactor.redact(request.url.href),
    headers: headers(request.headers),
  }
  if (request.body !== undefined) sent.body = shownBody(request.body, redactor)
  if (answer === undefined) return {request: sent}
  const body = shownBody(answer.body, redactor)
  return {
    request: sent,
    response: {
      status: answer.status,
      version: answer.version,
      headers: headers(answer.headers),
      body,
      bodyBytes: answer.body.length,
      isCut: answer.body.length > longestBody,
    },
  }
}

function shownBody(bytes: Uint8Array, redactor: Redactor): string {
  const text = Buffer.from(bytes.subarray(0, consideredBody)).toString('utf8')
  const redacted = redactor.redact(text)
  const isCutBefore = bytes.length > consideredBody
  const longest = isCutBefore
    ? Math.min(longestBody, Math.max(0, redacted.length - consideredBody / 2))
    : longestBody
  return Buffer.from(redacted).subarray(0, longest).toString('utf8')
}

/** Credentials aren't shown even when nobody named them a secret. */
function withoutCredential(name: string, value: string): string {
  switch (name.toLowerCase()) {
    case 'authorization':
    case 'proxy-authorization':
      return value.replace(/^(\S+)\s+\S.*$/s, '$1 ***')
    case 'cookie':
      return value.replace(/=[^;]*/g, '=***')
    case 'set-cookie':
      return value.replace(/=[^;]*/, '=***')
    default:
      return value
  }
}
