import {readFile} from 'node:fs/promises'
import tls from 'node:tls'

import {type Catalog} from '../catalog/catalog.js'
import {catalogRoot, keys} from '../catalog/keys.js'
import {type Clock} from '../contracts/clock.js'
import {type Report} from '../contracts/report.js'
import {reportBad} from '../catalog/report-bad.js'
import {accessOf} from '../domain/access.js'
import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {isInUse} from '../lifecycle/tokens/list.js'
import {tokenAuthentication} from './authentication.js'
import {type CatalogServer, createCatalogServer} from './catalog-server.js'
import {checkListenAddress, type ListenAddress, parseListenAddress} from './listen-address.js'
import {type RequestLogLine} from './request-log.js'

export interface ServeNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  /** Hears of each request. */
  log: (line: RequestLogLine) => void
  /** Ends the server. */
  signal: AbortSignal
}

export interface ServeRequest {
  /** Such as `127.0.0.1:7600`. */
  listen: string
  tlsCertificate: string | undefined
  tlsKey: string | undefined
  isBehindProxy: boolean
  version: string
  /** How the catalog is kept: a server before another server would only hide who asks. */
  catalogKind: 'sqlite' | 'etcd' | 'http'
}

export interface ServeReport {
  /** Where it's reached. */
  url: string
  /** What it serves. */
  catalog: string
  version: string
  /** How many tokens can be used. */
  tokens: number
}

/** An orchestrator waits ten seconds before it kills. */
const graceMillis = 8_000

/**
 * Serves the catalog until the signal aborts, then lets what is under way come to its end.
 * @throws YardError E_CATALOG_URL, E_LISTEN, E_USAGE
 */
export async function serveCatalog(
  needs: ServeNeeds,
  request: ServeRequest,
  onListening: (report: ServeReport) => void,
): Promise<ServeReport> {
  const {catalog, clock, log, report, signal} = needs
  checkKind(request.catalogKind, catalog.store.url)
  const at = await parseListenAddress(request.listen)
  const certificate = await readCertificate(request)
  checkListenAddress(at, certificate !== undefined || request.isBehindProxy)
  const tokens = await usableTokens(needs)
  const server = await createCatalogServer({
    store: catalog.store,
    authenticate: tokenAuthentication(catalog, clock),
    access: ({role}) => accessOf(role, areas),
    clock,
    log,
    version: request.version,
    isBehindProxy: request.isBehindProxy,
    isLoopbackOnly: at.isLoopback && !request.isBehindProxy,
    ...(certificate !== undefined && {tls: certificate}),
  })
  const port = await listen(server, at)
  const scheme = certificate === undefined ? 'http' : 'https'
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  const served = {
    url: `${scheme}://${host}:${port}`,
    catalog: catalog.store.url,
    version: request.version,
    tokens,
  }
  if (tokens === 0) {
    report({
      kind: 'warning',
      text: 'nobody can use it yet: there is no token. Make one: yard tokens create admin --role admin',
    })
  }
  onListening(served)
  await aborted(signal)
  await server.drain(graceMillis)
  return served
}

const areas = {
  root: catalogRoot,
  tokens: keys.tokens,
  environments: keys.environments,
  audit: `${catalogRoot}audit/`,
  auditRows: keys.auditEntries,
}

async function usableTokens({catalog, clock, report}: ServeNeeds): Promise<number> {
  const {records, bad} = await catalog.tokens.list(keys.tokens)
  reportBad(report, bad)
  return records.filter(({record}) => isInUse(record, clock.now())).length
}

function checkKind(kind: ServeRequest['catalogKind'], url: string): void {
  if (kind !== 'http') return
  throw new YardError('E_CATALOG_URL', {
    what: `Can't serve the catalog ${printable(url)}`,
    why: 'it is served over HTTP already, and everybody who came through here would use one token',
    next: [`export YARD_CATALOG=${url}   # on the machines that would have used this server`],
  })
}

/** @throws YardError E_USAGE, E_LISTEN */
async function readCertificate({
  tlsCertificate,
  tlsKey,
}: ServeRequest): Promise<{certificate: string; key: string} | undefined> {
  if (tlsCertificate === undefined && tlsKey === undefined) return undefined
  if (tlsCertificate === undefined || tlsKey === undefined) {
    throw new YardError('E_USAGE', {
      what: "Can't serve with TLS",
      why: 'it takes a certificate and its key, and one of them is missing',
      next: ['yard serve --tls-certificate server.pem --tls-key server.key'],
    })
  }
  const [certificate, key] = [await readPem(tlsCertificate), await readPem(tlsKey)]
  try {
    tls.createSecureContext({cert: certificate, key})
  } catch (error) {
    throw unusable(tlsCertificate, `it and ${printable(tlsKey)} are no pair: ${(error as Error).message}`)
  }
  return {certificate, key}
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw unusable(file, `reading it gives ${(error as NodeJS.ErrnoException).code ?? 'an error'}`)
  }
}

function unusable(file: string, why: string): YardError {
  return new YardError('E_LISTEN', {
    what: `Can't serve with ${printable(file)}`,
    why,
    next: [`ls -l ${file}`],
  })
}

async function listen(server: CatalogServer, at: ListenAddress): Promise<number> {
  try {
    return await server.listen(at)
  } catch (error) {
    await server.drain(0)
    const {code = ''} = error as NodeJS.ErrnoException
    const why = listenFailures.get(code)
    if (why === undefined) throw error
    throw new YardError('E_LISTEN', {
      what: `Can't listen on ${printable(`${at.host}:${at.port}`)}`,
      why,
      next: [`ss -ltnp 'sport = :${at.port}'`, 'yard serve --listen 127.0.0.1:7601'],
    })
  }
}

const listenFailures = new Map([
  ['EADDRINUSE', 'another program listens there'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['EACCES', 'this user may not listen there'],
])

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), {once: true})
  })
}
