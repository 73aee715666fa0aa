import {type RouterHost} from '../../../contracts/router-host.js'
import {type AnswerCounts} from '../../../contracts/traffic.js'
import {parseMaster} from '../../../domain/haproxy/answers.js'
import {addCounts, type EndpointCounts, parseEndpointCounts} from '../../../domain/haproxy/endpoint-counts.js'
import {type Instance} from '../../../domain/instance.js'
import {endpointOf} from '../../../domain/routing.js'

export type AskRouter = RouterHost['ask']

/** Of all proxies, servers only. */
const question = 'show stat -1 4 -1'

/**
 * What the HAProxy of a host counts, by endpoint; that of workers which a reload has left behind, too, because they finish
 * what they have. Nothing when nobody answers there.
 */
export async function countsAt(ask: AskRouter): Promise<Map<string, EndpointCounts>> {
  const present = await ask('admin', question)
  if (present === undefined) return new Map()
  const counts = parseEndpointCounts(present)
  const master = await ask('master', 'show proc')
  const oldWorkers = (master === undefined ? undefined : parseMaster(master))?.oldWorkers ?? []
  for (const pid of oldWorkers) {
    const answer = await ask('master', `@!${pid} ${question}`)
    if (answer === undefined) continue
    for (const [endpoint, more] of parseEndpointCounts(answer)) {
      // Its answers were counted before the reload began anew.
      addCounts(counts, endpoint, {connections: more.connections, answered: 0, refused: 0, failed: 0})
    }
  }
  return counts
}

/** Whether nothing is under way to an instance; one without a port never has anything. */
export function isIdleIn(
  counts: ReadonlyMap<string, EndpointCounts>,
  {address, port}: Pick<Instance, 'address' | 'port'>,
): boolean {
  return port === undefined || (counts.get(endpointOf({address, port}))?.connections ?? 0) === 0
}

/** By the id of the instance. */
export function answersIn(
  counts: ReadonlyMap<string, EndpointCounts>,
  instances: readonly Instance[],
): Map<string, AnswerCounts> {
  return new Map(
    instances.flatMap(({address, id, port}) => {
      const found = port === undefined ? undefined : counts.get(endpointOf({address, port}))
      if (found === undefined) return []
      const {answered, failed, refused} = found
      return [[id, {answered, refused, failed}] as const]
    }),
  )
}
