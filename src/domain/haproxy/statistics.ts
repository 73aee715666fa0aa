import {serviceOfBackend} from './names.js'

export interface ServerStatistics {
  service: string
  /** `address:port` */
  endpoint: string
  healthy: boolean
  connections: number
}

/** Reads `show stat`, by the names in its heading. What is left of removed servers is shown while it has connections. */
export function parseStatistics(answer: string): ServerStatistics[] {
  const lines = answer.split('\n')
  const start = lines.findIndex((line) => line.startsWith('# pxname,'))
  const columns = lines[start]?.slice(2).split(',')
  if (columns === undefined) return []
  return lines.slice(start + 1).flatMap((line) => {
    const statistics = serverStatistics(columns, line.split(','))
    return statistics === undefined ? [] : [statistics]
  })
}

function serverStatistics(columns: string[], values: string[]): ServerStatistics | undefined {
  const value = (column: string) => values[columns.indexOf(column)] ?? ''
  const service = serviceOfBackend(value('pxname'))
  const endpoint = value('svname')
  if (service === undefined || endpoint === 'BACKEND' || endpoint === 'FRONTEND') return undefined
  const connections = counted(value('scur')) + counted(value('qcur'))
  if (value('status').startsWith('MAINT') && connections === 0) return undefined
  return {service, endpoint, healthy: isHealthy(value('status'), value('check_status')), connections}
}

/** A server from the file counts as UP before its first check; that is no proof of health. */
function isHealthy(status: string, lastCheck: string): boolean {
  return /^(UP|DRAIN)\b/.test(status) && !lastCheck.endsWith('INI')
}

function counted(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : 0
}
