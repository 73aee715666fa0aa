/** One `Set-Cookie` header, as RFC 6265 reads it. */
export interface SetCookie {
  name: string
  value: string
  /** Names in lower case; a flag such as `Secure` has an empty value. */
  attributes: Map<string, string>
}

/** Undefined when the header holds no cookie. */
export function parseSetCookie(header: string): SetCookie | undefined {
  const [pair = '', ...rest] = header.split(';')
  const equals = pair.indexOf('=')
  if (equals <= 0) return undefined
  const name = pair.slice(0, equals).trim()
  if (name === '') return undefined
  const attributes = new Map<string, string>()
  for (const attribute of rest) {
    const [key = '', ...value] = attribute.split('=')
    if (key.trim() !== '') attributes.set(key.trim().toLowerCase(), value.join('=').trim())
  }
  return {name, value: pair.slice(equals + 1).trim(), attributes}
}

interface StoredCookie {
  name: string
  value: string
  host: string
  /** False when the server named the domain, and so its subdomains too. */
  hostOnly: boolean
  path: string
  secure: boolean
  /** Milliseconds since 1970; undefined lasts as long as the run. */
  expires?: number
}

/** The cookies of one file: the core of RFC 6265, without a list of public suffixes, so a domain must be the host or above it with a dot. */
export class CookieJar {
  private cookies: StoredCookie[] = []

  store(url: URL, headers: readonly string[], now: number): void {
    for (const header of headers) {
      const parsed = parseSetCookie(header)
      const cookie = parsed === undefined ? undefined : storedCookie(url, parsed, now)
      if (cookie === undefined) continue
      this.cookies = this.cookies.filter((other) => !isSameCookie(other, cookie))
      if (cookie.expires === undefined || cookie.expires > now) this.cookies.push(cookie)
    }
  }

  /** `name=value` pairs to send to the address, longest path first. */
  pairsFor(url: URL, now: number): string[] {
    return this.cookies
      .filter((cookie) => cookie.expires === undefined || cookie.expires > now)
      .filter((cookie) => matchesHost(cookie, url) && matchesPath(cookie.path, url.pathname))
      .filter((cookie) => !cookie.secure || url.protocol === 'https:')
      .sort((left, right) => right.path.length - left.path.length)
      .map(({name, value}) => `${name}=${value}`)
  }
}

function storedCookie(url: URL, cookie: SetCookie, now: number): StoredCookie | undefined {
  const host = url.hostname.toLowerCase()
  const domain = (cookie.attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase()
  const isForeign = domain !== '' && domain !== host && !(host.endsWith(`.${domain}`) && domain.includes('.'))
  if (isForeign) return undefined
  const expires = expiryOf(cookie, now)
  return {
    name: cookie.name,
    value: cookie.value,
    host: domain === '' ? host : domain,
    hostOnly: domain === '',
    path: pathOf(cookie, url),
    secure: cookie.attributes.has('secure'),
    ...(expires === undefined ? {} : {expires}),
  }
}

function pathOf(cookie: SetCookie, url: URL): string {
  const named = cookie.attributes.get('path')
  if (named?.startsWith('/') === true) return named
  const directory = url.pathname.slice(0, url.pathname.lastIndexOf('/'))
  return directory === '' ? '/' : directory
}

function expiryOf(cookie: SetCookie, now: number): number | undefined {
  const maxAge = cookie.attributes.get('max-age')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1_000
  const time = Date.parse(cookie.attributes.get('expires') ?? '')
  return Number.isNaN(time) ? undefined : time
}

function isSameCookie(left: StoredCookie, right: StoredCookie): boolean {
  return left.name === right.name && left.host === right.host && left.path === right.path
}

function matchesHost(cookie: StoredCookie, url: URL): boolean {
  const host = url.hostname.toLowerCase()
  return host === cookie.host || (!cookie.hostOnly && host.endsWith(`.${cookie.host}`))
}

function matchesPath(path: string, requested: string): boolean {
  if (requested === path) return true
  return requested.startsWith(path.endsWith('/') ? path : `${path}/`)
}
