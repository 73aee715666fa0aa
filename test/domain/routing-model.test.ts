import {describe, expect, test} from '@jest/globals'

import {type Environment, type Host, localEnvironment} from '../../src/domain/environment.js'
import {type Instance} from '../../src/domain/instance.js'
import {type Binding} from '../../src/domain/release.js'
import {type RoutingFacts, routingModel} from '../../src/domain/routing-model.js'
import {
  aBinding,
  aHost,
  aMaintenance,
  anEnvironment,
  anInstance,
  aPublicRoute,
  aRelease,
  aService,
} from '../fakes/records.js'

function serversFor(instances: Instance[], active = 1) {
  const model = routingModel({
    environment: localEnvironment(),
    services: [aService()],
    bindings: [aBinding({active})],
    instances,
  })
  return model.services[0]?.servers
}

test('an instance that is up with the active release is served', () => {
  expect(serversFor([anInstance()])).toEqual([{address: '127.0.0.1', port: 21_001, state: 'up'}])
})

test.each(['starting', 'down', 'disabled'] as const)('an instance that is %s gets nothing', (state) => {
  expect(serversFor([anInstance({state})])).toEqual([])
})

test('an instance of a release that is not active finishes what it has', () => {
  expect(serversFor([anInstance()], 2)).toEqual([{address: '127.0.0.1', port: 21_001, state: 'draining'}])
})

test('while a deploy goes from host to host, every release that its binding names gets requests', () => {
  const instances = [1, 2, 3, 4].map((release) => anInstance({release, port: 21_000 + release}))
  const statesWith = (changes: Partial<Binding>) =>
    routingModel({
      environment: localEnvironment(),
      services: [],
      bindings: [aBinding({active: 1, ...changes})],
      instances,
    }).services[0]?.servers.map(({state}) => state)

  expect(statesWith({joining: 2})).toEqual(['up', 'up', 'draining', 'draining'])
  expect(statesWith({joining: 2, staying: 4})).toEqual(['up', 'up', 'draining', 'up'])
  expect(statesWith({})).toEqual(['up', 'draining', 'draining', 'draining'])
})

test('a draining instance of the release before finishes what it has', () => {
  const servers = serversFor([anInstance({state: 'draining'}), anInstance({release: 2, port: 21_002})], 2)

  expect(servers).toEqual([
    {address: '127.0.0.1', port: 21_001, state: 'draining'},
    {address: '127.0.0.1', port: 21_002, state: 'up'},
  ])
})

test('the weight that an operator gave goes along', () => {
  expect(serversFor([anInstance({weight: 10})])).toEqual([
    {address: '127.0.0.1', port: 21_001, state: 'up', weight: 10},
  ])
})

test('an instance on a host that was taken out of the traffic finishes what it has', () => {
  const model = routingModel({
    environment: localEnvironment(),
    services: [aService()],
    bindings: [aBinding()],
    instances: [anInstance(), anInstance({host: 'other', address: '10.0.0.2'})],
    drainedHosts: new Set(['other', 'unknown']),
  })

  expect(model.services[0]?.servers.map(({address, state}) => [address, state])).toEqual([
    ['10.0.0.2', 'draining'],
    ['127.0.0.1', 'up'],
  ])
})

test('only web processes with a port of this environment are served', () => {
  const withoutPort = anInstance()
  delete withoutPort.port

  expect(
    serversFor([anInstance({process: 'worker'}), withoutPort, anInstance({environment: 'staging'})]),
  ).toEqual([])
})

test('two instances on one endpoint are one server, and the one that is up has it', () => {
  const leaving = anInstance({state: 'draining'})
  const present = anInstance({release: 2})

  expect(serversFor([leaving, present], 2)).toEqual([{address: '127.0.0.1', port: 21_001, state: 'up'}])
  expect(serversFor([present, leaving], 2)).toEqual([{address: '127.0.0.1', port: 21_001, state: 'up'}])
})

test('a registered service without instances stays, and so does a bound one without a record', () => {
  const model = routingModel({
    environment: localEnvironment(7171),
    services: [aService({name: 'zebra'}), aService({name: 'ant'})],
    bindings: [aBinding({service: 'moth'})],
    instances: [anInstance({service: 'moth'}), anInstance({service: 'stranger'})],
  })

  expect(model.listen).toEqual({address: '127.0.0.1', port: 7171})
  expect(model.services.map(({name, servers}) => [name, servers.length])).toEqual([
    ['ant', 0],
    ['moth', 1],
    ['zebra', 0],
  ])
})

test('health is asked at the path of the release that has the traffic, else at the path of the service', () => {
  const health = {path: '/healthy', timeoutMillis: 1, stableMillis: 1}
  const facts = {
    environment: localEnvironment(),
    services: [aService()],
    bindings: [aBinding()],
    instances: [],
  }
  const releases = new Map([['hello-r1', aRelease({health})]])

  expect(routingModel({...facts, releases}).services[0]?.healthPath).toBe('/healthy')
  expect(routingModel(facts).services[0]?.healthPath).toBe('/readyz')
})

test.each(['tcp', 'none'] as const)('health of the kind %s is asked at no path', (kind) => {
  const health = {kind, path: '/readyz', timeoutMillis: 1, stableMillis: 1}
  const facts = {
    environment: localEnvironment(),
    services: [aService()],
    bindings: [aBinding()],
    instances: [],
  }
  const releases = new Map([['hello-r1', aRelease({health})]])

  expect(routingModel({...facts, releases}).services).toEqual([{name: 'hello', servers: []}])
  expect(routingModel({...facts, services: [aService({health})], bindings: []}).services).toEqual([
    {name: 'hello', servers: []},
  ])
  // The release that has the traffic says it, not the one that is registered.
  expect(
    routingModel({...facts, services: [aService({health})], releases: new Map([['hello-r1', aRelease()]])}),
  ).toMatchObject({services: [{healthPath: '/readyz'}]})
})

const edge = {
  httpPort: 80,
  httpsPort: 443,
  certificates: '/etc/yard/certificates',
  redirect: true,
  requestsPerMinute: 600,
  maxBodyBytes: 1_024,
}
const none = {services: [], bindings: [], instances: []}

function modelOf(changes: Partial<RoutingFacts>, host?: Host) {
  return routingModel({environment: anEnvironment(), ...none, ...changes}, host)
}

describe('figures are shown', () => {
  test('beside the port of the router on hosts, and only when asked for on a laptop', () => {
    expect(modelOf({}).statistics).toEqual({address: '127.0.0.1', port: 7071})
    expect(modelOf({environment: localEnvironment()}).statistics).toBeUndefined()
  })

  test('where the environment says, unless requests come in there', () => {
    const at = (statisticsPort: number, changes: Partial<Environment> = {}) => {
      const {router} = localEnvironment()
      return modelOf({environment: anEnvironment({router: {...router, statisticsPort}, ...changes})})
        .statistics
    }
    expect(at(9_000)).toEqual({address: '127.0.0.1', port: 9_000})
    expect([at(7070), at(80, {edge}), at(443, {edge})]).toEqual([undefined, undefined, undefined])
  })

  test('nowhere when there is no port left beside the router', () => {
    const router = {...localEnvironment().router, port: 65_535}
    expect(modelOf({environment: anEnvironment({router})}).statistics).toBeUndefined()
  })
})

test('the more hosts check a server, the more seldom each does', () => {
  const hosts = (count: number) => Array.from({length: count}, (_, index) => aHost({name: `web-${index}`}))
  expect(modelOf({hosts: hosts(5)}).checkMillis).toBeUndefined()
  expect(modelOf({hosts: hosts(6)}).checkMillis).toBe(2_000)
  expect(modelOf({hosts: [...hosts(5), aHost({environment: 'production'})]}).checkMillis).toBeUndefined()
})

test('settings of a service and the words of one that is closed go along', () => {
  const routing = {responseMillis: 5_000, retries: 0}
  const model = modelOf({
    services: [aService({routing}), aService({name: 'other'})],
    maintenances: [aMaintenance(), aMaintenance({service: 'other', environment: 'production', message: 'x'})],
  })

  expect(model.services).toEqual([
    {name: 'hello', healthPath: '/readyz', servers: [], settings: routing, maintenance: 'back at nine'},
    {name: 'other', healthPath: '/readyz', servers: []},
  ])
})

describe('the door to the outside', () => {
  const facts = {
    environment: anEnvironment({edge}),
    services: [aService(), aService({name: 'billing'})],
    publicRoutes: [
      aPublicRoute({host: 'shop.example.org', service: 'billing'}),
      aPublicRoute({path: '/api'}),
      aPublicRoute({service: 'gone', host: 'gone.example.org'}),
      aPublicRoute({environment: 'production', host: 'production.example.org'}),
      aPublicRoute(),
    ],
  }

  test('is on hosts that face the outside, with the names of services that exist, sorted', () => {
    expect(modelOf(facts, aHost({edge: true})).edge).toEqual({
      http: {address: '0.0.0.0', port: 80},
      https: {address: '0.0.0.0', port: 443},
      certificateDirectory: '/etc/yard/certificates',
      redirectsToHttps: true,
      routes: [
        {host: 'hello.example.org', path: '/', service: 'hello'},
        {host: 'hello.example.org', path: '/api', service: 'hello'},
        {host: 'shop.example.org', path: '/', service: 'billing'},
      ],
      requestsPerMinute: 600,
      maxBodyBytes: 1_024,
    })
  })

  test('is on no other host, and nowhere without an edge of the environment', () => {
    expect(modelOf(facts).edge).toBeUndefined()
    expect(modelOf(facts, aHost()).edge).toBeUndefined()
    expect(modelOf({...facts, environment: anEnvironment()}, aHost({edge: true})).edge).toBeUndefined()
  })

  test('sends nobody to HTTPS where there is none', () => {
    const plain = anEnvironment({edge: {httpPort: 8080, redirect: true, maxBodyBytes: 1}})
    expect(modelOf({...facts, environment: plain}, aHost({edge: true})).edge).toMatchObject({
      http: {address: '0.0.0.0', port: 8080},
      redirectsToHttps: false,
    })
  })

  test('leads to no service that the host does not know', () => {
    const scoped = anEnvironment({edge, router: {...localEnvironment().router, scope: 'consumers'}})
    const door = aHost({name: 'edge-1', edge: true})
    const instances = [anInstance({environment: 'staging', host: 'web-1', service: 'billing'})]
    const hosts = [door, aHost()]

    const model = modelOf({...facts, environment: scoped, instances, hosts}, door)
    expect(model.services.map(({name}) => name)).toEqual(['billing', 'hello'])
    const inside = modelOf({...facts, environment: scoped, instances, hosts}, aHost())
    expect(inside.services.map(({name}) => name)).toEqual(['billing'])
  })
})
