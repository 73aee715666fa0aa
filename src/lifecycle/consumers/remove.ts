import {type Catalog} from '../../catalog/catalog.js'
import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {parseName} from '../../domain/names.js'
import {YardError} from '../../errors.js'

export interface ConsumerRemoveReport {
  outcome: 'removed'
  dryRun: boolean
  consumer: string
  service: string
}

/**
 * Takes back that a service may call another. Neither needs to be registered any more.
 * @throws YardError E_NAME_INVALID, E_CONSUMER_UNKNOWN, E_CONFLICT
 */
export async function removeConsumer(
  {catalog}: {catalog: Catalog},
  request: {consumer: string; of: string; dryRun: boolean},
): Promise<ConsumerRemoveReport> {
  const consumer = parseName('service', request.consumer)
  const service = parseName('service', request.of)
  const key = keys.consumer(service, consumer)
  const entry = await catalog.store.get(key)
  if (entry === undefined) throw notAConsumer(consumer, service)
  if (!request.dryRun) {
    const what = `Can't remove ${consumer} from the consumers of ${service}`
    await catalog.commit(what, [unchanged(key, entry)], [{delete: key}])
  }
  return {outcome: 'removed', dryRun: request.dryRun, consumer, service}
}

function notAConsumer(consumer: string, service: string): YardError {
  return new YardError('E_CONSUMER_UNKNOWN', {
    what: `Can't remove ${consumer} from the consumers of ${service}`,
    why: 'it is none of them',
    next: [`yard consumers list --of ${service}`, `yard consumers list --service ${consumer}`],
  })
}
