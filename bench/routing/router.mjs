// Yard's router of this machine, as the sidecar uses it, without a catalog and without a budget for reloads.
import path from 'node:path'
import {fileURLToPath} from 'node:url'

const keeper = fileURLToPath(new URL('../../dist/keeper.js', import.meta.url))

/** The router isn't started yet. Its HAProxy is looked after by a keeper, and ends with `stop`. */
export async function startRouter(library, work) {
  const {PATH = '/usr/bin:/usr/sbin:/bin'} = process.env
  const haproxy = await library.findHaproxy({
    override: undefined,
    searchPath: PATH.split(path.delimiter),
    cacheDirectory: path.join(work, 'cache'),
  })
  const processes = new library.LocalProcessManager({
    directory: path.join(work, 'processes'),
    keeper: [process.execPath, keeper],
    baseVariables: {PATH},
  })
  const host = new library.LocalRouterHost({
    haproxy,
    directory: path.join(work, 'haproxy'),
    runtimeDirectory: path.join(work, 'run'),
    care: {kind: 'keeper', processes},
  })
  return new library.HaproxyRouter({host, clock: new library.SystemClock(), render: library.renderHaproxy})
}
