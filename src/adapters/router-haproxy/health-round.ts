import {type Clock} from '../../contracts/clock.js'
import {type RouterHost, type ServerCheck} from '../../contracts/router-host.js'
import {passingKey} from '../../domain/haproxy/change.js'
import {weightOf} from '../../domain/haproxy/server-settings.js'
import {type RoutedServer, type RoutedService, type RoutingModel} from '../../domain/routing.js'

const atOnce = 50
/** What has not answered by then is left to HAProxy's own check, so that one slow instance delays nobody else. */
const usualPatienceMillis = 300

export interface Asked {
  service: RoutedService
  server: RoutedServer
}

/** In the words of `passingKey`; who did not answer in time is in neither. */
export interface HealthRound {
  passing: ReadonlySet<string>
  failing: ReadonlySet<string>
}

/**
 * Asks these servers for their health, many at once. HAProxy's own first check takes a quarter of a second; this takes as
 * long as the instance.
 */
export async function askHealth(
  host: RouterHost,
  clock: Clock,
  asked: readonly Asked[],
  patienceMillis = usualPatienceMillis,
): Promise<HealthRound> {
  const [passing, failing] = [new Set<string>(), new Set<string>()]
  const waiting = asked.filter(({server}) => weightOf(server) > 0)
  if (waiting.length === 0) return {passing, failing}
  const ending = new AbortController()
  let next = 0
  const isOver = () => ending.signal.aborted
  const askOneByOne = async (): Promise<void> => {
    for (let one = waiting[next++]; one !== undefined && !isOver(); one = waiting[next++]) {
      const passes = await host.passesCheck(checkOf(one))
      const key = passingKey(one.service.name, one.server)
      if (passes !== undefined && !isOver()) (passes ? passing : failing).add(key)
    }
  }
  const all = Promise.all(Array.from({length: Math.min(atOnce, waiting.length)}, askOneByOne))
  await Promise.race([all, clock.sleep(patienceMillis, ending.signal).catch(() => undefined)])
  ending.abort(new Error('the round is over'))
  all.catch(() => undefined)
  return {passing, failing}
}

/** One of each service first, so that each has one that was asked when there is no time for all. */
export function everyServer({services}: RoutingModel): Asked[] {
  const most = services.reduce((sum, {servers}) => Math.max(sum, servers.length), 0)
  return Array.from({length: most}, (_, index) =>
    services.flatMap((service) => {
      const server = service.servers[index]
      return server === undefined ? [] : [{service, server}]
    }),
  ).flat()
}

function checkOf({service, server}: Asked): ServerCheck {
  const {address, port} = server
  return {address, port, path: service.healthPath, host: `${service.name}.localhost`}
}
