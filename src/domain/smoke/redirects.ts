import {type BuiltRequest} from './evaluation/build-request.js'

export interface Redirected {
  request: BuiltRequest
  /** What was left behind because the origin changed, for people. */
  dropped: string[]
}

const credentialHeaders = ['authorization', 'cookie', 'proxy-authorization']

/** The address a response sends to, or undefined when it doesn't. */
export function redirectTarget(status: number, location: string | undefined, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined
  return URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
}

/**
 * The request that follows a redirect. To another scheme, host or port go no credentials: no Authorization, no
 * Cookie, no header and no body that holds a secret.
 */
export function redirected(
  request: BuiltRequest,
  status: number,
  target: URL,
  holdsSecret: (text: string) => boolean,
): Redirected {
  const url = new URL(target)
  url.hash = ''
  const keepsMethod = status === 307 || status === 308 || !changesMethod(status, request.method)
  const next: BuiltRequest = keepsMethod
    ? {...request, url}
    : {
        method: 'GET',
        url,
        headers: request.headers.filter(([name]) => !/^content-/i.test(name)),
        cookies: request.cookies,
      }
  return url.origin === request.url.origin
    ? {request: next, dropped: []}
    : withoutCredentials(next, holdsSecret)
}

function withoutCredentials(request: BuiltRequest, holdsSecret: (text: string) => boolean): Redirected {
  const isCredential = ([name, value]: [string, string]) =>
    credentialHeaders.includes(name.toLowerCase()) || name.toLowerCase() === 'host' || holdsSecret(value)
  const dropped = request.headers.filter(isCredential).map(([name]) => name)
  if (request.cookies.length > 0) dropped.push('Cookie')
  const {body, ...rest} = request
  const keepsBody = body !== undefined && !holdsSecret(Buffer.from(body).toString('utf8'))
  if (body !== undefined && !keepsBody) dropped.push('the body')
  const headers = request.headers.filter((header) => !isCredential(header))
  return {request: {...rest, headers, cookies: [], ...(keepsBody ? {body} : {})}, dropped}
}

/** As browsers and curl do: a POST becomes a GET after 301 and 302, everything but HEAD after 303. */
function changesMethod(status: number, method: string): boolean {
  return status === 303 ? method !== 'HEAD' && method !== 'GET' : method === 'POST'
}
