import fs from 'node:fs/promises'
import path from 'node:path'

import {SystemdNotifier} from '../adapters/notify-systemd/index.js'
import {LoopbackDoor} from '../adapters/sidecar-door/index.js'
import {parseName} from '../domain/names.js'
import {CatalogFollower} from '../lifecycle/sidecar/catalog-follower.js'
import {refuseUnknownEnvironment} from '../lifecycle/sidecar/known-environment.js'
import {runSidecar, type SidecarRunReport} from '../lifecycle/sidecar/run.js'
import {LeasedBoard} from '../lifecycle/supervise/leased-board.js'
import {socketDirectory} from './paths.js'
import {keepHeapSmall} from './small-heap.js'
import {openSidecarRouter} from './sidecar-router.js'
import {type SidecarPlaces, type SidecarRunRequest, type SidecarWorld} from './sidecar-world.js'

/** The record of a sidecar is gone so long after its last sign of life. */
const leaseMillis = 15_000

/**
 * Keeps the HAProxy of this machine right until Ctrl-C.
 * @throws YardError as `runSidecar`, and E_HAPROXY_MISSING, E_HAPROXY_OLD, E_PERMISSION
 */
export async function runSidecarHere(
  world: SidecarWorld,
  request: SidecarRunRequest,
  onReady: (report: SidecarRunReport) => void,
): Promise<SidecarRunReport> {
  const {clock, failpoint, report, signal} = world
  const {environment, host} = request
  parseName('environment', environment)
  parseName('host', host)
  keepHeapSmall()
  const places = sidecarPlaces(world.paths.state, request)
  const [catalog, files] = [await world.catalog(), await world.files()]
  // What was followed before is followed on, also when its environment vanished.
  if (!(await files.exists(places.stateFile))) await refuseUnknownEnvironment(catalog, environment)
  for (const directory of [path.dirname(places.stateFile), places.runtime])
    await fs.mkdir(directory, {recursive: true, mode: 0o700})
  const needs = {
    followed: new CatalogFollower(
      {catalog, clock, files, report},
      {environment, stateFile: places.stateFile},
    ),
    router: await openSidecarRouter(world, places, request),
    board: new LeasedBoard(catalog.store, leaseMillis),
    door: new LoopbackDoor(),
    notifier: new SystemdNotifier({
      socket: request.isUnderSystemd ? process.env['NOTIFY_SOCKET'] : undefined,
      watchdogMicros: process.env['WATCHDOG_USEC'],
      searchPath: process.env['PATH'] ?? '',
    }),
    clock,
    report,
    signal,
    failpoint,
  }
  const {doorPort, stopsHaproxy, version} = request
  return runSidecar(needs, {environment, host, doorPort, pid: process.pid, version, stopsHaproxy}, onReady)
}

/** Where a sidecar keeps what on this machine. */
export function sidecarPlaces(
  state: string,
  request: Pick<SidecarRunRequest, 'directory' | 'environment' | 'host' | 'runtimeDirectory'>,
): SidecarPlaces {
  const {environment, host} = request
  const directory = path.resolve(request.directory ?? path.join(state, 'sidecar', environment, host))
  return {
    routing: path.join(directory, 'haproxy'),
    stateFile: path.join(directory, 'followed.json'),
    processes: path.join(directory, 'processes'),
    runtime: path.resolve(request.runtimeDirectory ?? socketDirectory(directory)),
  }
}
