import {isSettled, type RoutedServer, type RoutedService} from '../routing.js'

/** All that the text of a backend depends on. */
export interface BackendContent {
  service: Pick<RoutedService, 'name' | 'healthPath' | 'settings' | 'servers'>
  checkMillis: number | undefined
}

/** A copy where it is needed, so that nobody changes what was worked out for it. */
export function copyOf({service, checkMillis}: BackendContent): BackendContent {
  if (isSettled(service)) return {service, checkMillis}
  const {name, healthPath, settings, servers} = service
  return {
    service: {
      ...{name, servers: servers.map((server) => ({...server}))},
      ...(healthPath !== undefined && {healthPath}),
      ...(settings !== undefined && {settings: {...settings}}),
    },
    checkMillis,
  }
}

/** Field by field, because it is asked for every service at every change. */
export function isSameContent(one: BackendContent, other: BackendContent): boolean {
  const {service: left, checkMillis} = one
  const {service: right} = other
  if (left === right && isSettled(left)) return checkMillis === other.checkMillis
  return (
    left.name === right.name &&
    left.healthPath === right.healthPath &&
    checkMillis === other.checkMillis &&
    isSameSettings(left, right) &&
    isSameServers(left.servers, right.servers)
  )
}

function isSameSettings(
  {settings: left}: BackendContent['service'],
  right: BackendContent['service'],
): boolean {
  if (left === right.settings) return true
  return (
    left?.responseMillis === right.settings?.responseMillis &&
    left?.connectMillis === right.settings?.connectMillis &&
    left?.queueMillis === right.settings?.queueMillis &&
    left?.maxConnections === right.settings?.maxConnections &&
    left?.slowStartMillis === right.settings?.slowStartMillis &&
    left?.retries === right.settings?.retries
  )
}

function isSameServers(left: readonly RoutedServer[], right: readonly RoutedServer[]): boolean {
  return (
    left.length === right.length &&
    left.every((server, index) => {
      const other = right[index]
      return (
        server.address === other?.address &&
        server.port === other.port &&
        server.state === other.state &&
        server.weight === other.weight
      )
    })
  )
}
