import {type FieldChange, fieldChanges} from './field-changes.js'
import {type RoutedSettings} from './routing.js'
import {type Health, type Service} from './service.js'

export type ServiceChange = FieldChange

/** What differs between two records of a service, apart from the times they were written. Sorted by field. */
export function serviceChanges(before: Service | undefined, after: Service): ServiceChange[] {
  return fieldChanges(before === undefined ? new Map() : flat(before), flat(after))
}

/** What a service is well by, in words for people. */
export function healthText({kind = 'http', path}: Health): string {
  if (kind === 'http') return path
  return kind === 'tcp' ? 'accepts connections' : 'stays up'
}

/** Routing settings by their names in `service.yaml`, in words for people. */
export function routingTexts(settings: RoutedSettings = {}): Record<string, string> {
  const {connectMillis, maxConnections, queueMillis, responseMillis, retries, slowStartMillis} = settings
  return {
    ...(responseMillis !== undefined && {timeout: secondsText(responseMillis)}),
    ...(connectMillis !== undefined && {connectTimeout: secondsText(connectMillis)}),
    ...(queueMillis !== undefined && {queueTimeout: secondsText(queueMillis)}),
    ...(maxConnections !== undefined && {maxConnections: String(maxConnections)}),
    ...(slowStartMillis !== undefined && {slowStart: secondsText(slowStartMillis)}),
    ...(retries !== undefined && {retries: String(retries)}),
  }
}

function flat(service: Service): Map<string, string> {
  const fields = new Map<string, string>()
  const set = (field: string, value: string | number | undefined) => {
    if (value !== undefined) fields.set(field, String(value))
  }
  set('owner', service.owner)
  set('description', service.description)
  set('repository', service.repository)
  set('port', service.port)
  set((service.health.kind ?? 'http') === 'http' ? 'health.path' : 'health', healthText(service.health))
  set('health.timeout', `${service.health.timeoutMillis / 1_000} s`)
  set('health.stable', `${service.health.stableMillis / 1_000} s`)
  for (const [name, command] of Object.entries(service.processes)) set(`processes.${name}`, command)
  if (service.calls !== undefined && service.calls.length > 0) set('calls', service.calls.join(', '))
  for (const [field, value] of Object.entries(routingTexts(service.routing))) set(`routing.${field}`, value)
  for (const {kind, value} of service.routes) set(`routes.${kind}`, value)
  return fields
}

function secondsText(millis: number): string {
  return `${millis / 1_000} s`
}
