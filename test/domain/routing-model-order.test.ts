import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {type RoutingFacts, routingModel} from '../../src/domain/routing-model.js'
import {
  aBinding,
  aHost,
  aMaintenance,
  anEnvironment,
  anInstance,
  aPublicRoute,
  aService,
} from '../fakes/records.js'

const edge = {
  httpPort: 80,
  httpsPort: 443,
  certificates: '/etc/yard/certificates',
  redirect: true,
  requestsPerMinute: 600,
  maxBodyBytes: 1_024,
}

test('H1 the same facts in any order are the same model', () => {
  const numbers = Array.from({length: 12}, (_, index) => index)
  const facts: RoutingFacts = {
    environment: anEnvironment({edge}),
    services: numbers.map((index) => aService({name: `service-${index}`, calls: [`service-${index + 1}`]})),
    bindings: numbers.map((index) => aBinding({service: `service-${index}`, active: 2})),
    // Several share an endpoint, and differ in what they would be given.
    instances: numbers.flatMap((index) =>
      [1, 2].flatMap((release) =>
        ['web-1', 'web-2'].map((host) =>
          anInstance({
            environment: 'staging',
            service: `service-${index}`,
            release,
            host,
            port: 21_000 + (index % 3),
            weight: 10 * release + index,
            state: index % 4 === 0 ? 'draining' : 'up',
          }),
        ),
      ),
    ),
    hosts: [aHost({edge: true}), aHost({name: 'web-2'})],
    publicRoutes: numbers.map((index) =>
      aPublicRoute({host: `s${index % 4}.example.org`, path: `/${index}`, service: `service-${index}`}),
    ),
    maintenances: numbers.map((index) =>
      aMaintenance({service: `service-${index}`, message: `closed ${index}`}),
    ),
    consumers: numbers.map((index) => ({service: `service-${index}`, consumer: 'service-0'})),
  }
  const expected = JSON.stringify(routingModel(facts, aHost({edge: true})))
  const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], {minLength: items.length})

  fc.assert(
    fc.property(
      fc.record({
        services: shuffled(facts.services),
        bindings: shuffled(facts.bindings),
        instances: shuffled(facts.instances),
        hosts: shuffled(facts.hosts ?? []),
        publicRoutes: shuffled(facts.publicRoutes ?? []),
        maintenances: shuffled(facts.maintenances ?? []),
        consumers: shuffled(facts.consumers ?? []),
      }),
      (order) => {
        expect(JSON.stringify(routingModel({...facts, ...order}, aHost({edge: true})))).toBe(expected)
      },
    ),
    {numRuns: 100},
  )
})
