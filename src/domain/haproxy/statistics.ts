export interface ServerStatistics {
  service: string
  /** `address:port` */
  endpoint: string
  healthy: boolean
  connections: number
}

export interface KnownServers {
  serviceOf: (backend: string) => string | undefined
  hasPassed: (service: string, endpoint: string) => boolean
}

/**
 * Reads `show stat`, by the names in its heading. What is left of removed servers is shown while it has connections.
 * @param known.serviceOf the service that a backend serves now; undefined for one that serves none
 * @param known.hasPassed whether a server passed a check that HAProxy itself knows nothing of
 */
export function parseStatistics(answer: string, known: KnownServers): ServerStatistics[] {
  const lines = answer.split('\n')
  const start = lines.findIndex((line) => line.startsWith('# pxname,'))
  const columns = lines[start]?.slice(2).split(',')
  if (columns === undefined) return []
  return lines.slice(start + 1).flatMap((line) => {
    const statistics = serverStatistics(columns, line.split(','), known)
    return statistics === undefined ? [] : [statistics]
  })
}

function serverStatistics(
  columns: string[],
  values: string[],
  {serviceOf, hasPassed}: KnownServers,
): ServerStatistics | undefined {
  const value = (column: string) => values[columns.indexOf(column)] ?? ''
  const service = serviceOf(value('pxname'))
  const endpoint = value('svname')
  if (service === undefined || endpoint === 'BACKEND' || endpoint === 'FRONTEND') return undefined
  const connections = counted(value('scur')) + counted(value('qcur'))
  if (value('status').startsWith('MAINT') && connections === 0) return undefined
  // A server from the file counts as UP before its first check; that is no proof of health.
  const isProven = !value('check_status').endsWith('INI') || hasPassed(service, endpoint)
  return {service, endpoint, healthy: /^(UP|DRAIN)\b/.test(value('status')) && isProven, connections}
}

function counted(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : 0
}
