import {YardError} from '../../errors.js'

export interface EtcdStoreOptions {
  /** `host:port`, at least one. */
  endpoints: readonly string[]
  /** Goes before every key, so that several catalogs share a cluster; '' for none. */
  namespace: string
  /** PEM texts. Without it the members are spoken to in plain HTTP. */
  tls?: EtcdTls
  user?: {name: string; password: string}
  /** Hears what does not stop the work, such as reads that can be stale. */
  warn?: (text: string) => void
  /** For one call, milliseconds. Default 5_000. */
  callTimeoutMillis?: number
  /** How often a watch checks that it missed nothing, milliseconds. Default 60_000. */
  reconcileMillis?: number
}

export interface EtcdTls {
  /** Authorities to trust; without it, those that Node trusts. */
  ca?: string
  certificate?: string
  key?: string
  /** The name in the members' certificates, where it isn't the host's. */
  serverName?: string
}

/** One member's address. */
export interface Endpoint {
  /** As it was given. */
  name: string
  host: string
  port: number
}

/** @throws YardError E_CATALOG_URL for none, and for one that is no `host:port` */
export function parseEndpoints(names: readonly string[]): Endpoint[] {
  if (names.length === 0) throw notAnEndpoint('etcd://', 'it names no member')
  return names.map((name) => {
    const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(name)
    const host = match?.[1] ?? match?.[2]
    const port = Number(match?.[3])
    if (host === undefined || port < 1 || port > 65_535) throw notAnEndpoint(name, 'it is not host:port')
    return {name, host, port}
  })
}

function notAnEndpoint(name: string, why: string): YardError {
  return new YardError('E_CATALOG_URL', {
    what: `Can't use ${JSON.stringify(name)} as a member of etcd`,
    why,
    next: ['name the members, such as --catalog etcd://10.0.0.1:2379,10.0.0.2:2379'],
  })
}
