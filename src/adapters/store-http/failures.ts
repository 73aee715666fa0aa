import {printable} from '../../domain/names.js'
import {check} from '../../domain/schema.js'
import {wireError} from '../../domain/store-wire.js'
import {type ErrorCode, errorCodes, YardError} from '../../errors.js'
import {type Answer, type BrokenExchange} from './exchange.js'

/** The error for a server that can't be spoken with. */
export function unreachable(url: string, {detail}: BrokenExchange): YardError {
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't reach the catalog ${url}`,
    why: reasons.get(detail) ?? detail,
    next: /CERT|SIGNATURE|SELF_SIGNED/.test(detail)
      ? ['export YARD_CATALOG_CA=/path/ca.pem   # the authority that made its certificate']
      : [`curl -i ${url}/openapi.json`, 'yard catalog show'],
  })
}

/** The error for a write that was sent and never answered. */
export function unknownOutcome(url: string, {detail}: BrokenExchange): YardError {
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't say whether the catalog ${url} has the change`,
    why: `it was sent, and the answer never came: ${reasons.get(detail) ?? detail}`,
    next: ['run the command again: it looks at what is there before it changes anything'],
  })
}

/** The error for an answer that isn't what was asked for: a refusal of yard's own, or of whatever stands before it. */
export function refusal(url: string, answer: Answer): YardError {
  const told = errorOf(answer)
  if (told !== undefined) {
    const {code, next, what, why} = told.error
    const [first = 'yard catalog show', ...rest] = next.map(line)
    return new YardError(knownCode(code, answer.status), {
      what: answer.status === 401 ? `Can't use the catalog ${url}` : line(what),
      why: line(why),
      next: [first, ...rest],
      details: {server: url, status: answer.status},
    })
  }
  if (answer.status === 401) {
    return new YardError('E_CATALOG_AUTH', {
      what: `Can't use the catalog ${url}`,
      why: 'something before it asks for a login that is not a token of yard',
      next: ['ask who runs it for the address that yard can use'],
    })
  }
  return notYard(url, answer)
}

/** The error for an answer that no `yard serve` gives. */
export function notYard(url: string, {body, contentType, status}: Answer): YardError {
  const start = body.trim().split('\n', 1)[0] ?? ''
  const kind = contentType === '' ? 'without a type' : `of type ${printable(contentType)}`
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't understand the catalog ${url}`,
    why: `it answers ${status} ${kind}, beginning with ${printable(start)}, which is not what "yard serve" answers`,
    next: [`curl -i ${url}/openapi.json`, 'check the address in YARD_CATALOG'],
    details: {server: url, status},
  })
}

const reasons = new Map([
  ['ECONNREFUSED', 'nothing listens there (ECONNREFUSED)'],
  ['ECONNRESET', 'it closed the connection (ECONNRESET)'],
  ['EHOSTUNREACH', 'there is no way to that machine (EHOSTUNREACH)'],
  ['ENETUNREACH', 'there is no way to that network (ENETUNREACH)'],
  ['ENOTFOUND', 'there is no machine of this name (ENOTFOUND)'],
  ['EAI_AGAIN', 'the name could not be looked up (EAI_AGAIN)'],
  ['ETIMEDOUT', 'it does not answer (ETIMEDOUT)'],
  ['EPROTO', 'it does not speak TLS (EPROTO)'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER)'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired (CERT_HAS_EXPIRED)'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)'],
])

function errorOf({body, contentType}: Answer) {
  if (contentType !== 'application/json') return undefined
  try {
    const checked = check(wireError, JSON.parse(body))
    return checked.ok ? checked.value : undefined
  } catch {
    return undefined
  }
}

/** A newer server may have codes that this yard doesn't know. */
function knownCode(code: string, status: number): ErrorCode {
  if (Object.hasOwn(errorCodes, code)) return code as ErrorCode
  if (status === 401) return 'E_CATALOG_AUTH'
  if (status === 403) return 'E_CATALOG_FORBIDDEN'
  return 'E_CATALOG_UNREACHABLE'
}

/** A server is not trusted to write on a terminal. */
function line(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?').slice(0, 1_000)
}
