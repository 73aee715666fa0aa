import path from 'node:path'

import {LocalProcessManager} from '../adapters/processes-local/index.js'
import {HaproxyRouter} from '../adapters/router-haproxy/index.js'
import {findHaproxy, LocalRouterHost} from '../adapters/router-host-local/index.js'
import {type HostRouter} from '../contracts/host-router.js'
import {haproxyUnitName} from '../lifecycle/sidecar/units.js'
import {renderHaproxy} from '../templates/haproxy.js'
import {type SidecarPlaces, type SidecarRunRequest, type SidecarWorld} from './sidecar-world.js'

/**
 * The HAProxy that a sidecar keeps right. Under systemd a unit looks after it, else a keeper.
 * @throws YardError E_HAPROXY_MISSING, E_HAPROXY_OLD, E_USAGE when the sockets would lie too deep
 */
export async function openSidecarRouter(
  world: SidecarWorld,
  places: SidecarPlaces,
  request: SidecarRunRequest,
): Promise<HostRouter> {
  const {baseVariables, clock, failpoint, paths} = world
  const haproxy = await findHaproxy({
    override: process.env['YARD_HAPROXY'],
    searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
    cacheDirectory: path.join(paths.cache, 'haproxy'),
  })
  const processes = new LocalProcessManager({
    directory: places.processes,
    keeper: world.keeper ?? [process.execPath, path.join(paths.root, 'dist', 'keeper.js')],
    baseVariables,
  })
  const labels = {environment: request.environment, host: request.host}
  const host = new LocalRouterHost({
    haproxy,
    directory: places.routing,
    runtimeDirectory: places.runtime,
    care: request.isUnderSystemd
      ? {kind: 'unit', unit: haproxyUnitName}
      : {kind: 'keeper', processes, labels},
  })
  return new HaproxyRouter({
    host,
    clock,
    render: renderHaproxy,
    version: haproxy.version,
    kind: 'hosts',
    ...(failpoint !== undefined && {failpoint}),
  })
}
