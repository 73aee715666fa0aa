import {type Clock} from '../../contracts/clock.js'
import {type RouterHost} from '../../contracts/router-host.js'
import {passingKey} from '../../domain/haproxy/change.js'
import {weightOf} from '../../domain/haproxy/server-settings.js'
import {type RoutingModel} from '../../domain/routing.js'

import {askHealth, type Asked} from './health-round.js'
import {type View, type Viewing} from './viewing.js'
import {type Wanted} from './wanted.js'

interface Needs {
  host: RouterHost
  clock: Clock
  viewing: Viewing
}

/** How long a service whose servers are all exchanged at once may delay a reload. */
const replacementPatienceMillis = 2_000
const pauseMillis = 50

/**
 * The servers that a new worker must not take for healthy: they don't answer, and the present one sends them no requests.
 * A server that it does send requests to is never among them, nor are all servers of a service that is served now.
 */
export async function heldBack({host, clock, viewing}: Needs, wanted: Wanted, view: View): Promise<Asked[]> {
  const started = clock.monotonicMillis()
  const passing = new Set<string>()
  let waiting = (await viewing.idle(wanted, view)).servers
  for (;;) {
    const round = await askHealth(host, clock, waiting)
    for (const key of round.passing) passing.add(key)
    // Only now, because HAProxy's own checks went on meanwhile.
    const {servers, served} = await viewing.idle(wanted, view)
    const down = servers.filter(({service, server}) => !passing.has(passingKey(service.name, server)))
    const stranded = lastOnes(wanted.model, down, served)
    if (stranded.length === 0) return down
    const isAnswered = round.passing.size + round.failing.size > 0
    if (!isAnswered || clock.monotonicMillis() - started > replacementPatienceMillis)
      return without(down, stranded)
    waiting = stranded
    await clock.sleep(pauseMillis)
  }
}

/** Those of these servers without which a service would have none. @param services those that it's about; all unless given */
export function lastOnes(
  model: RoutingModel,
  down: readonly Asked[],
  services?: ReadonlySet<string>,
): Asked[] {
  const keys = new Set(down.map(({service, server}) => passingKey(service.name, server)))
  const stranded = new Set(
    model.services
      .filter(({name}) => services?.has(name) !== false)
      .filter(({name, servers}) => {
        const working = servers.filter((server) => weightOf(server) > 0)
        return working.length > 0 && working.every((server) => keys.has(passingKey(name, server)))
      })
      .map(({name}) => name),
  )
  return down.filter(({service}) => stranded.has(service.name))
}

export function without(servers: readonly Asked[], others: readonly Asked[]): Asked[] {
  const left = new Set(others)
  return servers.filter((one) => !left.has(one))
}
