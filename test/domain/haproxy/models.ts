import fc from 'fast-check'

import {maintenanceMessagePattern} from '../../../src/domain/maintenance.js'
import {namePattern} from '../../../src/domain/names.js'
import {publicHostPattern, publicPathPattern} from '../../../src/domain/public-route.js'
import {
  type EdgeRoute, type RoutedEdge, type RoutedServer, type RoutedService, type RoutingModel,
} from '../../../src/domain/routing.js' // prettier-ignore

const octet = fc.integer({min: 0, max: 255})
const port = fc.integer({min: 1, max: 65_535})
/** Where instances may be: neither everywhere nor nowhere, nor on the link. */
const hostAddress = fc.tuple(octet, octet, octet).map((octets) => `10.${octets.join('.')}`)
const name = fc
  .stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,2}$/)
  .filter((text) => namePattern.test(text))

const server: fc.Arbitrary<RoutedServer> = fc.record(
  {
    address: hostAddress,
    port,
    state: fc.constantFrom('up' as const, 'draining' as const),
    weight: fc.integer({min: 0, max: 256}),
  },
  {requiredKeys: ['address', 'port', 'state']},
)

const service: fc.Arbitrary<RoutedService> = fc.record(
  {
    name,
    healthPath: fc.stringMatching(/^\/[A-Za-z0-9._~!$&()*+,;=:@/%?-]{0,40}$/),
    servers: fc.array(server, {maxLength: 4}),
    settings: fc.record(
      {
        responseMillis: fc.integer({min: 1, max: 86_400_000}),
        connectMillis: fc.integer({min: 1, max: 600_000}),
        queueMillis: fc.integer({min: 1, max: 600_000}),
        maxConnections: fc.integer({min: 1, max: 1_000_000}),
        slowStartMillis: fc.integer({min: 1, max: 86_400_000}),
        retries: fc.integer({min: 0, max: 100}),
      },
      {requiredKeys: []},
    ),
    maintenance: fc
      .stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .,:;!?()/+@_-]{0,60}$/)
      .filter((text) => maintenanceMessagePattern.test(text)),
  },
  {requiredKeys: ['name', 'servers']},
)

const host = fc
  .stringMatching(/^[a-z0-9]{1,6}(\.[a-z0-9-]{1,6}){1,3}$/)
  .filter((text) => publicHostPattern.test(text))
const urlPath = fc
  .stringMatching(/^\/([A-Za-z0-9._~-]{1,5}(\/[A-Za-z0-9._~-]{1,5}){0,3})?$/)
  .filter((text) => publicPathPattern.test(text))

/** Routes lead to services by their place in the list, so that most of them are there. */
function edgeOf(services: readonly RoutedService[]): fc.Arbitrary<RoutedEdge> {
  const target = services.length === 0 ? name : fc.constantFrom(...services.map((each) => each.name))
  const route: fc.Arbitrary<EdgeRoute> = fc.record({host, path: urlPath, service: target})
  return fc.record(
    {
      http: fc.constant({address: '10.0.0.1', port: 80}),
      https: fc.constant({address: '10.0.0.1', port: 443}),
      redirectsToHttps: fc.boolean(),
      routes: fc.array(route, {maxLength: 6}),
      requestsPerMinute: fc.integer({min: 1, max: 10_000_000}),
      maxBodyBytes: fc.nat(),
    },
    {requiredKeys: ['http', 'redirectsToHttps', 'routes', 'maxBodyBytes']},
  )
}

/** Models that hold nothing but what may be rendered, in any order and with repeats. */
export const validModels: fc.Arbitrary<RoutingModel> = fc.array(service, {maxLength: 6}).chain((services) =>
  fc.record(
    {
      listen: fc.record({address: fc.constant('127.0.0.1'), port: fc.integer({min: 1_000, max: 65_535})}),
      header: fc.constantFrom('Yard-Service', 'X', 'Team-Service-2'),
      services: fc.constant(services),
      statistics: fc.record({address: hostAddress, port}),
      checkMillis: fc.integer({min: 100, max: 3_600_000}),
      edge: edgeOf(services),
    },
    {requiredKeys: ['listen', 'header', 'services']},
  ),
)

/** The same model with its lists in another order; repeats stay in theirs, because the first of them counts. */
export function shuffled(model: RoutingModel, seed: number): RoutingModel {
  const {services, edge} = model
  return {
    ...model,
    services: inOrderOf(
      firstOfEach(services, (each) => each.name),
      seed,
    ).map((each) => ({
      ...each,
      servers: inOrderOf(
        firstOfEach(each.servers, (one) => `${one.address}:${one.port}`),
        seed + 1,
      ),
    })),
    ...(edge && {
      edge: {
        ...edge,
        routes: inOrderOf(
          firstOfEach(edge.routes, (one) => one.host + one.path),
          seed + 2,
        ),
      },
    }),
  }
}

function firstOfEach<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  return [...new Map(values.toReversed().map((value) => [keyOf(value), value])).values()]
}

function inOrderOf<T>(values: readonly T[], seed: number): T[] {
  const rank = (index: number) => Math.imul(index + 1, 2_654_435_761 ^ seed) >>> 0
  return values
    .map((value, index) => ({value, rank: rank(index)}))
    .sort((one, other) => one.rank - other.rank)
    .map(({value}) => value)
}

/** Strings of all kinds, among them those that `haproxy -c` is known to let through. */
export const hostileStrings = [
  ...['orders admin', 'orders\tadmin', 'orders\radmin', 'orders\vadmin', 'orders\u00a0admin', 'orders\\ admin'],
  ...['# x', 'orders # x', '-f /etc/passwd', '"$HOME"', '$HOME', '%[req.hdr(authorization)]', '%[env(HOME)]'],
  ...['/var/run/docker.sock', 'unix@/run/haproxy/admin.sock', 'abns@x', 'fd@3', '0', '*', '0x7f.1', '::1', '[::1]'],
  ...['127.1', '2130706433', '0177.0.0.1', '127.0.0.01', '127.0.0.1 backup', '127.0.0.1:80', '127.0.0.1\n', '256.0.0.1'],
  ...['x'.repeat(5_000), '../x', '..', '.', '-rf', '--help', 'a/b', 'a\nb', 'a\0b', 'A', 'a.', '__proto__', 'constructor'],
  ...['а' + 'dmin', 'a%2fb', 'a\u202eb', '$(id)', '@/etc/passwd', '', "a'b", 'a"b', 'a--b', 'a-', "/x'\n  server evil 203.0.113.9:80"],
  ...['/ready z', '/ready\nz', "/ready'z", '/ready"z', '/ready\\z', '/ready#z', '/{x}', '/é', 'readyz', '{{name}}', '\u2028'],
] // prettier-ignore
