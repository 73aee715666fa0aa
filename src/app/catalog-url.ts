import path from 'node:path'

import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'

/** Where a catalog is, as its URL says. */
export type CatalogLocation =
  | {kind: 'sqlite'; file: string}
  | {kind: 'etcd'; endpoints: string[]; isTls: boolean; namespace: string}
  | {kind: 'http'; url: string}

/**
 * Reads a catalog's URL; a file in it becomes absolute.
 * @throws YardError E_CATALOG_URL
 */
export function parseCatalogUrl(url: string, directory: string = process.cwd()): CatalogLocation {
  const file = /^sqlite:(?:\/\/(?=\/))?([^\0]+)$/.exec(url)?.[1]
  if (file !== undefined) return {kind: 'sqlite', file: path.resolve(directory, file)}
  if (/^[^/]*:\/\/[^/]*@/.test(url)) throw withCredentials(url)
  const cluster = /^etcd(s?):\/\/([^/?#]+)(?:\/([\w./-]*))?$/.exec(url)
  if (cluster !== null) {
    const [, secure, endpoints = '', namespace = ''] = cluster
    return {
      kind: 'etcd',
      endpoints: endpoints.split(',').map((endpoint) => withPort(endpoint, url)),
      isTls: secure === 's',
      namespace: namespace === '' ? '' : `/${namespace.replace(/\/+$/, '')}`,
    }
  }
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return {kind: 'http', url: url.replace(/\/+$/, '')}
  throw notACatalog(url)
}

/** The URL that other machines open the catalog by; undefined for a file on this one. */
export function catalogUrlText(location: CatalogLocation): string | undefined {
  if (location.kind === 'sqlite') return undefined
  if (location.kind === 'http') return location.url
  const {endpoints, isTls, namespace} = location
  return `etcd${isTls ? 's' : ''}://${endpoints.join(',')}${namespace}`
}

/** `host` or `host:port`, an IPv6 address in brackets. */
function withPort(endpoint: string, url: string): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?$/.exec(endpoint)
  const port = Number(match?.[2] ?? 2379)
  if (match?.[1] === undefined || port < 1 || port > 65_535) throw notACatalog(url)
  return `${match[1]}:${port}`
}

function withCredentials(url: string): YardError {
  return new YardError('E_CATALOG_URL', {
    what: `Can't open the catalog ${printable(withoutLogin(url))}`,
    why: 'a URL with a user or password in it would be seen in process lists and logs',
    next: ['set YARD_CATALOG_USER and YARD_CATALOG_PASSWORD for etcd, or YARD_TOKEN for yard serve'],
  })
}

function notACatalog(url: string): YardError {
  return new YardError('E_CATALOG_URL', {
    what: `Can't open the catalog ${printable(withoutLogin(url))}`,
    why: 'a catalog is named by sqlite:/srv/yard/catalog.db, etcd://10.0.0.1:2379,10.0.0.2:2379, etcds://… (with TLS) or https://yard.example.org',
    next: ['unset YARD_CATALOG to use the catalog in your state directory'],
  })
}

/** A password may hold anything, also a slash. */
function withoutLogin(url: string): string {
  return url.replace(/\/\/[^]*@/, '//...@')
}
