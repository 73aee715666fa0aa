import {endpointOf, type RoutedServer, type RoutedService} from '../routing.js'

/** HAProxy calls a weight of 0 a drain: the check goes on, what is under way ends, nothing new arrives. */
export const drainingWeight = 0
const upWeight = 100
const defaultCheckMillis = 1_000

export function weightOf(server: RoutedServer): number {
  return server.state === 'up' ? (server.weight ?? upWeight) : drainingWeight
}

/**
 * Everything after a server's name. The file and `add server` both say all of it, because a server added
 * over the socket inherits nothing.
 */
export function serverSettings(
  server: RoutedServer,
  service: Pick<RoutedService, 'settings'>,
  checkMillis: number | undefined,
): string {
  return `${endpointOf(server)} weight ${weightOf(server)}${sharedSettings(service, checkMillis)}`
}

/** The part of it that is the same for all servers of a service, and takes a reload to change. */
export function sharedSettings(
  {settings}: Pick<RoutedService, 'settings'>,
  checkMillis: number | undefined,
): string {
  const room = settings?.maxConnections === undefined ? '' : ` maxconn ${settings.maxConnections}`
  const slow = settings?.slowStartMillis === undefined ? '' : ` slowstart ${settings.slowStartMillis}ms`
  return `${room}${slow} ${checkSettings(checkMillis ?? defaultCheckMillis)}`
}

/**
 * A server that is down is asked four times as often, so that a new instance serves soon after it can; and a
 * connection that fails has the next check come soon, so that traffic itself finds a dead instance.
 */
function checkSettings(millis: number): string {
  const quick = Math.ceil(millis / 4)
  return `check inter ${millis}ms fastinter ${quick}ms downinter ${quick}ms fall 2 rise 1 observe layer4 error-limit 1 on-error fastinter`
}
