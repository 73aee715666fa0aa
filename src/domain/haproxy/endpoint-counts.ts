/** What a HAProxy counts of one endpoint, whichever of its backends it stands in. */
export interface EndpointCounts {
  /** Requests and connections under way, and those that wait for it. */
  connections: number
  answered: number
  /** Answers of 400 to 499. */
  refused: number
  /** Answers of 500 and above, and requests that got none. */
  failed: number
}

/** Reads `show stat` of servers, by the names in its heading; by `address:port`. Lines that don't fit are left out. */
export function parseEndpointCounts(answer: string): Map<string, EndpointCounts> {
  const counts = new Map<string, EndpointCounts>()
  const lines = answer.split('\n')
  const start = lines.findIndex((line) => line.startsWith('# pxname,'))
  const columns = lines[start]?.slice(2).split(',')
  if (columns === undefined) return counts
  for (const line of lines.slice(start + 1)) {
    const values = line.split(',')
    const value = (column: string) => counted(values[columns.indexOf(column)])
    const endpoint = values[columns.indexOf('svname')] ?? ''
    if (!/^\d+\.\d+\.\d+\.\d+:\d+$/.test(endpoint)) continue
    const answers = ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other']
    addCounts(counts, endpoint, {
      connections: value('scur') + value('qcur'),
      answered: answers.reduce((sum, column) => sum + value(column), 0),
      refused: value('hrsp_4xx'),
      failed: value('hrsp_5xx') + value('eresp') + value('econ'),
    })
  }
  return counts
}

/** Adds what another backend, worker or host counted of the same endpoint. */
export function addCounts(all: Map<string, EndpointCounts>, endpoint: string, more: EndpointCounts): void {
  const known = all.get(endpoint)
  all.set(endpoint, {
    connections: (known?.connections ?? 0) + more.connections,
    answered: (known?.answered ?? 0) + more.answered,
    refused: (known?.refused ?? 0) + more.refused,
    failed: (known?.failed ?? 0) + more.failed,
  })
}

function counted(text: string | undefined): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0
}
