import {type Service} from './service.js'

export interface ServiceChange {
  /** Such as `owner` or `processes.web`. */
  field: string
  before?: string
  after?: string
}

/** What differs between two records of a service, apart from the times they were written. Sorted by field. */
export function serviceChanges(before: Service | undefined, after: Service): ServiceChange[] {
  const old = before === undefined ? new Map<string, string>() : flat(before)
  const now = flat(after)
  const fields = [...new Set([...old.keys(), ...now.keys()])].sort()
  return fields.flatMap((field) => {
    const [was, is] = [old.get(field), now.get(field)]
    if (was === is) return []
    return [{field, ...(was !== undefined && {before: was}), ...(is !== undefined && {after: is})}]
  })
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
  set('health.path', service.health.path)
  set('health.timeout', `${service.health.timeoutMillis / 1_000} s`)
  set('health.stable', `${service.health.stableMillis / 1_000} s`)
  for (const [name, command] of Object.entries(service.processes)) set(`processes.${name}`, command)
  for (const {kind, value} of service.routes) set(`routes.${kind}`, value)
  return fields
}
