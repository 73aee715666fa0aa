import {type Catalog} from '../../catalog/catalog.js'
import {type Report} from '../../contracts/report.js'
import {parseName} from '../../domain/names.js'
import {readCallers} from '../call-graph.js'

export interface ListedConsumer {
  consumer: string
  service: string
  addedBy: string
  addedAt: string
  rotatedAt?: string
  /** `service.yaml` of the consumer says that it calls the service. */
  isDeclared: boolean
}

/**
 * Who may call whom: all pairs, the consumers of one service (`of`), or those that one service may call (`service`).
 * Sorted by the service that is called, then by consumer.
 * @throws YardError E_NAME_INVALID
 */
export async function listConsumers(
  needs: {catalog: Catalog; report: Report},
  request: {of: string | undefined; service: string | undefined},
): Promise<ListedConsumer[]> {
  const of = request.of === undefined ? undefined : parseName('service', request.of)
  const service = request.service === undefined ? undefined : parseName('service', request.service)
  const {consumers, graph} = await readCallers(needs)
  const declared = new Set(
    graph.calls.filter(({isDeclared}) => isDeclared).map(({from, to}) => `${from} ${to}`),
  )
  return consumers
    .filter((pair) => of === undefined || pair.service === of)
    .filter((pair) => service === undefined || pair.consumer === service)
    .map((pair) => ({
      consumer: pair.consumer,
      service: pair.service,
      addedBy: pair.addedBy,
      addedAt: pair.addedAt,
      ...(pair.rotatedAt !== undefined && {rotatedAt: pair.rotatedAt}),
      isDeclared: declared.has(`${pair.consumer} ${pair.service}`),
    }))
}
