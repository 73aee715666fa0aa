import path from 'node:path'

import {findHaproxy, type FoundHaproxy, HaproxyRouter} from '../adapters/router-haproxy/index.js'
import {type Router} from '../contracts/router.js'
import {localEnvironmentName} from '../domain/environment.js'
import {renderHaproxy} from '../templates/haproxy.js'
import {type Yard} from './yard.js'

/** The HAProxy of this machine, not started yet. @throws YardError E_HAPROXY_MISSING, E_HAPROXY_OLD */
export async function openRouter(yard: Yard): Promise<Router> {
  return new HaproxyRouter({
    haproxy: await findRouterProgram(yard),
    directory: yard.paths.haproxy,
    runtimeDirectory: yard.paths.sockets,
    processes: await yard.processes(),
    clock: yard.clock,
    render: renderHaproxy,
    labels: {environment: localEnvironmentName},
  })
}

/** @throws YardError E_HAPROXY_MISSING, E_HAPROXY_OLD */
export function findRouterProgram(yard: Yard): Promise<FoundHaproxy> {
  return findHaproxy({
    override: process.env['YARD_HAPROXY'],
    searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
    cacheDirectory: path.join(yard.paths.cache, 'haproxy'),
  })
}
