import {type RoutedServer} from '../routing.js'

import {backendName} from './names.js'
import {weightOf} from './server-settings.js'

/** The first line tells the version of the format. */
export const noServerStates = '1\n'

/**
 * The text of `servers.state` that makes a new worker take these servers for down until they pass a check. Without it
 * HAProxy takes all servers of its file for healthy.
 *
 * This is not the state file that HAProxy keeps of itself, which is out of the question because old addresses and weights
 * in it win over a new configuration. Yard writes this one itself right before a reload, for servers of the new
 * configuration alone, each with the address, port and weight that it has there, so there is nothing to win; and
 * afterwards it's empty again. HAProxy goes on without a word of it that it can't use.
 */
export function downStates(servers: readonly {service: {name: string}; server: RoutedServer}[]): string {
  const lines = servers.map(({service, server}) => {
    const {address, port} = server
    const weight = weightOf(server)
    const names = `0 ${backendName(service.name)} 0 ${address}:${port} ${address}`
    // Stopped, nothing administrative, no check yet; the check itself is configured and enabled.
    return `${names} 0 0 ${weight} ${weight} 0 1 0 0 6 0 0 0 - ${port} - 0 0 - - 0\n`
  })
  return `${noServerStates}${lines.join('')}`
}
