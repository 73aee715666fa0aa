import {type Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type Consumer} from '../../src/domain/consumer.js'
import {aService} from './records.js'

/** Services by name with those they say they call, and pairs such as `billing>identity` that are allowed. */
export async function plantCalls(
  catalog: Catalog,
  services: Record<string, string[]>,
  allowed: readonly string[],
): Promise<void> {
  const writes = [
    ...Object.entries(services).map(([name, calls]) =>
      catalog.services.put(keys.service(name), aService({name, calls})),
    ),
    ...allowed.map((pair) => {
      const [consumer = '', service = ''] = pair.split('>')
      return catalog.consumers.put(keys.consumer(service, consumer), aConsumer({consumer, service}))
    }),
  ]
  while (writes.length > 0) await catalog.commit('test', [], writes.splice(0, 100))
}

export function aConsumer(changes: Partial<Consumer> = {}): Consumer {
  return {
    v: 1,
    consumer: 'billing',
    service: 'identity',
    token: '-----BEGIN AGE ENCRYPTED FILE-----\nc2VhbGVk\n-----END AGE ENCRYPTED FILE-----\n',
    tokenDigest: 'a'.repeat(64),
    addedBy: 'ada@laptop',
    addedAt: '2026-11-20T12:00:00.000Z',
    ...changes,
  }
}
