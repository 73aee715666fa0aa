import {endpointOf, type RoutedServer} from '../routing.js'

/** HAProxy calls a weight of 0 a drain: the check goes on, what is under way ends, nothing new arrives. */
export const drainingWeight = 0
const upWeight = 100

/** A server that is down is asked four times a second, so that a new instance serves soon after it can. */
const check = 'check inter 1s fastinter 250ms downinter 250ms fall 2 rise 1'

export function weightOf(server: RoutedServer): number {
  return server.state === 'up' ? (server.weight ?? upWeight) : drainingWeight
}

/**
 * Everything after a server's name. The file and `add server` both say all of it, because a server added
 * over the socket inherits nothing.
 */
export function serverSettings(server: RoutedServer): string {
  return `${endpointOf(server)} weight ${weightOf(server)} ${check}`
}
