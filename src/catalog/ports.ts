import {type Write} from '../contracts/store.js'
import {instancePorts} from '../domain/port-reservation.js'
import {YardError} from '../errors.js'
import {type Catalog} from './catalog.js'
import {absent} from './collection.js'
import {keys} from './keys.js'

export interface PortRequest {
  environment: string
  host: string
  /** The instance it's kept for. */
  owner: string
  /** Whether nothing listens on it: the catalog knows only what yard started. */
  isFree: (port: number) => Promise<boolean>
  range?: {first: number; last: number}
}

/**
 * Reserves a port of a host for one instance. Two callers never get the same one: each reservation is a
 * compare-and-swap on the port's own key.
 * @throws YardError E_CONFLICT when no port of the range is left.
 */
export async function reservePort(catalog: Catalog, request: PortRequest): Promise<number> {
  const {environment, host, owner, range = instancePorts} = request
  const {entries} = await catalog.store.range(keys.ports(environment, host))
  const taken = new Set(entries.map(({key}) => key))
  for (const port of portsFromAnywhere(range)) {
    const key = keys.port(environment, host, port)
    if (taken.has(key) || !(await request.isFree(port))) continue
    const write = catalog.ports.put(key, {v: 1, environment, host, port, owner})
    if ((await catalog.attempt([absent(key)], [write])) !== false) return port
  }
  throw new YardError('E_CONFLICT', {
    what: `Can't find a port for ${owner}`,
    why: `every port from ${range.first} to ${range.last} on ${host} is reserved or in use`,
    next: ['yard status', 'stop programs that listen on these ports: ss -ltnp'],
  })
}

/** The write that gives a port back. */
export function portRelease(environment: string, host: string, port: number): Write {
  return {delete: keys.port(environment, host, port)}
}

/** All ports of the range, from a random one on: so a port that was just given back is rarely the next. */
function* portsFromAnywhere({first, last}: {first: number; last: number}): Iterable<number> {
  const count = last - first + 1
  const start = Math.floor(Math.random() * count)
  for (let step = 0; step < count; step++) yield first + ((start + step) % count)
}
