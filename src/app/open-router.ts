import path from 'node:path'

import {HaproxyRouter} from '../adapters/router-haproxy/index.js'
import {findHaproxy, type FoundHaproxy, LocalRouterHost} from '../adapters/router-host-local/index.js'
import {type HostRouter} from '../contracts/host-router.js'
import {type RouterHost} from '../contracts/router-host.js'
import {localEnvironmentName} from '../domain/environment.js'
import {renderHaproxy} from '../templates/haproxy.js'
import {type Yard} from './yard.js'

/** The HAProxy of this machine, not started yet. @throws YardError E_HAPROXY_MISSING, E_HAPROXY_OLD */
export async function openRouter(yard: Yard): Promise<HostRouter> {
  const haproxy = await findRouterProgram(yard)
  const host = await openRouterHostHere(yard, haproxy)
  return new HaproxyRouter({host, clock: yard.clock, render: renderHaproxy, version: haproxy.version})
}

/** This machine as the HAProxy of the local environment sees it. @throws YardError E_HAPROXY_MISSING, E_HAPROXY_OLD */
export async function openRouterHostHere(yard: Yard, haproxy?: FoundHaproxy): Promise<RouterHost> {
  return new LocalRouterHost({
    haproxy: haproxy ?? (await findRouterProgram(yard)),
    directory: yard.paths.haproxy,
    runtimeDirectory: yard.paths.sockets,
    care: {
      kind: 'keeper',
      processes: await yard.processes(),
      labels: {environment: localEnvironmentName},
    },
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
