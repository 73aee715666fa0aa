import {domainToASCII} from 'node:url'

import * as v from 'valibot'

import {instant, name, text} from './schema.js'

/**
 * A host name as callers on the outside write it, in lower case: labels of letters, digits and dashes, at least two, the
 * last one no number, or it would be an address.
 */
export const publicHostPattern =
  /^(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?![0-9]+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** `/`, or segments of harmless characters without a slash at the end, none of them `.` or `..`. */
export const publicPathPattern = /^(?:\/|(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]{1,100}){1,10})$/

export const publicRouteSchema = v.object({
  v: v.literal(1),
  environment: name,
  host: v.pipe(v.string(), v.regex(publicHostPattern, 'is not a public host name')),
  path: v.pipe(v.string(), v.regex(publicPathPattern, 'is not a path such as /api')),
  service: name,
  addedBy: text,
  addedAt: instant,
})

/** A name on the outside (and a path below it) that leads to a service. */
export type PublicRoute = v.InferOutput<typeof publicRouteSchema>

export type PublicName = Pick<PublicRoute, 'host' | 'path'>

/** What callers type: `billing.example.org/api`. */
export function publicName({host, path}: PublicName): string {
  return path === '/' ? host : `${host}${path}`
}

export type ParsedPublicName =
  {name: PublicName} | {why: string; /** What to write instead, where that can be told. */ instead?: string}

/**
 * A public name as a person types it: in any case, with a dot at the end of the host or a slash at the end of the path,
 * or in another script, which becomes the punycode that callers send. Never throws.
 */
export function parsePublicName(typed: string): ParsedPublicName {
  // Before anything else: browsers pass over these in silence, and the name would be another one than it seems.
  if (/[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/.test(typed)) {
    return {why: 'it holds spaces or characters that nobody sees'}
  }
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(typed)?.[0]
  if (scheme !== undefined) {
    return withInstead(
      'a public name has no scheme: the edge says whether there is HTTPS',
      typed.slice(scheme.length),
    )
  }
  const slash = typed.indexOf('/')
  const [host, path] = slash === -1 ? [typed, '/'] : [typed.slice(0, slash), typed.slice(slash)]
  if (/[?#]/.test(typed)) {
    return withInstead(
      'requests are told apart by host and path, never by what follows',
      typed.replace(/[?#].*$/, ''),
    )
  }
  if (host.includes('@')) return withInstead('a public name has no user', typed.slice(typed.indexOf('@') + 1))
  if (host.startsWith('[') || host.split(':').length > 2)
    return {why: 'it is an address, and a public name is a name'}
  if (host.includes(':')) {
    return withInstead(
      'the ports are those of the edge, the same for all names',
      `${host.replace(/:.*$/, '')}${path}`,
    )
  }
  if (host.includes('*')) return {why: 'each name is added by itself; there are no wildcards'}
  const plainHost = hostOf(host)
  if ('why' in plainHost) return plainHost
  const plainPath = path.replace(/\/+$/, '') === '' ? '/' : path.replace(/\/$/, '')
  if (!publicPathPattern.test(plainPath)) {
    return {
      why: 'its path is not made of up to ten segments of letters, digits, dots, dashes, underscores and tildes',
    }
  }
  return {name: {host: plainHost.host, path: plainPath}}
}

function hostOf(typed: string): {host: string} | {why: string} {
  const host = typed.replace(/\.$/, '').toLowerCase()
  if (/^[0-9.]+$/.test(host)) return {why: 'it is an address, and a public name is a name'}
  const ascii = /^[\u0000-\u007f]*$/.test(host) ? host : domainToASCII(host)
  if (publicHostPattern.test(ascii)) return {host: ascii}
  if (ascii !== '' && !ascii.includes('.'))
    return {why: 'a public name has at least two parts, as billing.example.org has'}
  return {
    why: 'its host is not made of letters, digits and dashes between dots, at most 63 each and 253 in all',
  }
}

/** The suggestion is one only when it would be taken. */
function withInstead(why: string, instead: string): ParsedPublicName {
  const parsed = parsePublicName(instead)
  const name = 'name' in parsed ? publicName(parsed.name) : parsed.instead
  return name === undefined ? {why} : {why, instead: name}
}
