import {describe, expect, test} from '@jest/globals'

import {usableModel} from '../../../src/domain/haproxy/usable-model.js'
import {type RoutingModel} from '../../../src/domain/routing.js'

import {hostileStrings} from './models.js'

const good = {name: 'good', healthPath: '/readyz', servers: [{address: '10.0.0.1', port: 80, state: 'up'}]}

function modelOf(...services: unknown[]): RoutingModel {
  return {listen: {address: '127.0.0.1', port: 7070}, header: 'Yard-Service', services: services as never}
}

function edgeOf(change: object): NonNullable<RoutingModel['edge']> {
  const http = {address: '10.0.0.1', port: 80}
  return {http, redirectsToHttps: true, routes: [], maxBodyBytes: 1_000, ...change}
}

const hostilePorts: unknown[] = [
  ...['8080 backup', '8080\n  server evil 203.0.113.9:80', '080', '80abc', '80', ''],
  ...[65_536, 0, -1, 80.5, Number.NaN, Number.POSITIVE_INFINITY, undefined, [80], {}],
]

describe('a model from the catalog', () => {
  test('comes back sorted and whole when nothing is wrong with it', () => {
    const other = {...good, name: 'also', servers: [
      {address: '10.0.0.1', port: 90, state: 'draining'},
      {address: '10.0.0.1', port: 80, state: 'up'},
    ]} // prettier-ignore
    const {model, skipped} = usableModel(modelOf(good, other))

    expect(skipped).toEqual([])
    expect(model.services.map(({name}) => name)).toEqual(['also', 'good'])
    expect(model.services[0]?.servers.map(({port}) => port)).toEqual([80, 90])
  })

  test.each(hostileStrings)('loses a service called %.40j and keeps the others', (name) => {
    const {model, skipped} = usableModel(modelOf({...good, name}, good))

    // Two of them are words that may be names; that they are harmless is part of the test.
    const isName = name === 'constructor' || name === 'readyz'
    expect(model.services.map((service) => service.name).sort()).toEqual(
      isName ? [name, 'good'].sort() : ['good'],
    )
    expect(skipped).toHaveLength(isName ? 0 : 1)
    expect(skipped.join('')).toMatch(/^[\x20-\x7e]*$/)
  })

  test.each(hostileStrings)('loses a server at %.40j and keeps the others', (address) => {
    const servers = [{address, port: 80, state: 'up'}, ...good.servers]
    const {model, skipped} = usableModel(modelOf({...good, servers}))

    expect(model.services[0]?.servers).toEqual(good.servers)
    expect(skipped).toHaveLength(1)
    expect(skipped[0]).toMatch(/^good: server address [\x20-\x7e]* is not an IPv4 address$/)
  })

  test.each(hostilePorts)('loses a server on port %j and keeps the others', (port) => {
    const servers = [{address: '10.0.0.1', port, state: 'up'}, ...good.servers]
    const {model, skipped} = usableModel(modelOf({...good, servers}))

    expect(model.services[0]?.servers).toEqual(good.servers)
    expect(skipped).toHaveLength(1)
  })

  test.each(hostileStrings.filter((path) => !/^\/[a-z./]*$/.test(path)))(
    'loses a service checked at %.40j',
    (path) => {
      const {model, skipped} = usableModel(modelOf({...good, name: 'bad', healthPath: path}, good))

      expect(model.services.map((service) => service.name)).toEqual(['good'])
      expect(skipped[0]).toMatch(/^service "bad": health path .* is not a URL path$/)
    },
  )

  test.each([-1, 257, 0.5, '10', '10 backup', Number.NaN, null])(
    'loses a server with the weight %j',
    (weight) => {
      const servers = [{address: '10.0.0.2', port: 80, state: 'up', weight}, ...good.servers]
      const {model, skipped} = usableModel(modelOf({...good, servers}))

      expect(model.services[0]?.servers).toEqual(good.servers)
      expect(skipped[0]).toMatch(/^good: server weight .* is not from 0 to 256$/)
    },
  )

  test('keeps weights as they are', () => {
    const servers = [0, 1, 256].map((weight) => ({
      address: '10.0.0.1',
      port: 1_000 + weight,
      state: 'up',
      weight,
    }))

    expect(usableModel(modelOf({...good, servers})).model.services[0]?.servers).toEqual(servers)
  })

  test('loses what is there twice, of no known state, or no record at all', () => {
    const odd = [...good.servers, ...good.servers, {address: '10.0.0.2', port: 80, state: 'maint'}, null]
    const {model, skipped} = usableModel(modelOf({...good, servers: odd}, good, undefined, 7, {name: 'none'}))

    expect(model.services).toHaveLength(1)
    expect(model.services[0]?.servers).toEqual(good.servers)
    expect(skipped).toEqual([
      'good: server 10.0.0.1:80 is there twice',
      'good: server state "maint" is neither up nor draining',
      'good: server is not a record',
      'service "good": is there twice',
      'service of type undefined: is not a record',
      'service of type undefined: is not a record',
      'service "none": has no list of servers',
    ])
  })

  test('loses a setting that is out of bounds, and keeps the service and its other settings', () => {
    const settings = {retries: 2, responseMillis: 0, queueMillis: '5', maxConnections: 1.5, unknown: 'x'}
    const {model, skipped} = usableModel(modelOf({...good, settings}))

    expect(model.services[0]?.settings).toEqual({retries: 2})
    expect(skipped).toEqual([
      'good: responseMillis 0 is not from 1 to 86400000',
      'good: queueMillis "5" is not from 1 to 600000',
      'good: maxConnections 1.5 is not from 1 to 1000000',
    ])
  })

  test('closes a service whose words can not be shown with words of its own', () => {
    const {model, skipped} = usableModel(modelOf({...good, maintenance: '%[env(HOME)]'}))

    expect(model.services[0]?.maintenance).toBe('This service is closed for maintenance.')
    expect(skipped).toEqual(['good: maintenance message "%[env(HOME)]" is not a plain sentence'])
  })

  test.each(['169.254.169.254', '0.0.0.0', '224.0.0.1', '255.255.255.255'])(
    'loses a server at %s, where no host is',
    (address) => {
      const servers = [{address, port: 80, state: 'up'}, ...good.servers]
      const {model, skipped} = usableModel(modelOf({...good, servers}))

      expect(model.services[0]?.servers).toEqual(good.servers)
      expect(skipped).toEqual([`good: server address "${address}" is not that of a host`])
    },
  )

  test('loses statistics and an interval that can not be used', () => {
    const {model, skipped} = usableModel({
      ...modelOf(good),
      statistics: {address: 'localhost', port: 1},
      checkMillis: 99,
    })

    expect(model).not.toHaveProperty('statistics')
    expect(model).not.toHaveProperty('checkMillis')
    expect(skipped).toEqual(["statistics: of type object can't be used", "check interval: 99 can't be used"])
  })

  test('loses routes that lead nowhere, twice, or are none, and sorts the others', () => {
    const routes: unknown[] = [
      {host: 'b.example.org', path: '/', service: 'good'},
      {host: 'a.example.org', path: '/b', service: 'good'},
      {host: 'a.example.org', path: '/', service: 'good', more: 'x'},
      {host: 'a.example.org', path: '/', service: 'good'},
      {host: 'a.example.org', path: '/c', service: 'absent'},
      {host: 'A.example.org', path: '/', service: 'good'},
      {host: 'a.example.org', path: '/b/', service: 'good'},
      undefined,
    ]
    const {model, skipped} = usableModel({...modelOf(good), edge: edgeOf({routes})})

    expect(model.edge?.routes).toEqual([
      {host: 'a.example.org', path: '/', service: 'good'},
      {host: 'a.example.org', path: '/b', service: 'good'},
      {host: 'b.example.org', path: '/', service: 'good'},
    ])
    expect(skipped).toEqual([
      'route a.example.org: is there twice',
      'route "a.example.org": service "absent" is not served here',
      'route "A.example.org": is not a public host name',
      'route "a.example.org": path "/b/" is not a path such as /api',
      'route of type undefined: is not a record',
    ])
  })

  test.each([
    [{http: {address: '127.0.0.1', port: 7070}}, 'port 7070 is listened on twice'],
    [{http: {address: '0.0.0.0', port: 7070}}, 'port 7070 is listened on twice'],
    [{https: {address: '10.0.0.1', port: 80}}, 'port 80 is listened on twice'],
    [{https: {address: '10.0.0.1', port: 0}}, '0 is not a port'],
    [{maxBodyBytes: -1}, '-1 is not a size of bodies'],
    [{requestsPerMinute: 0}, '0 is not a number of requests'],
    [{certificateDirectory: '/a b'}, '"/a b" is not a directory of certificates'],
    [{routes: {}}, 'the edge has no list of routes'],
  ])('is refused whole with an edge with %j', (change, why) => {
    expect(() => usableModel({...modelOf(good), edge: edgeOf(change)})).toThrow(
      expect.objectContaining({code: 'E_HAPROXY_CONFIG', why}),
    )
  })

  test.each([
    {listen: {address: '*', port: 7070}},
    {listen: {address: '127.0.0.1', port: 70_000}},
    {header: 'Yard Service'},
    {header: 'Host'},
    {header: 'TraceParent'},
    {header: 'Yard-Router'},
    {edge: null as never},
    {header: 'A) -m found'},
  ])('is refused whole with %j', (wrong) => {
    expect(() => usableModel({...modelOf(good), ...wrong})).toThrow(
      expect.objectContaining({code: 'E_HAPROXY_CONFIG'}),
    )
  })
})
