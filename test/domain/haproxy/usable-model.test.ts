import {describe, expect, test} from '@jest/globals'

import {usableModel} from '../../../src/domain/haproxy/usable-model.js'
import {type RoutingModel} from '../../../src/domain/routing.js'

import {hostileStrings} from './models.js'

const good = {name: 'good', healthPath: '/readyz', servers: [{address: '10.0.0.1', port: 80, state: 'up'}]}

function modelOf(...services: unknown[]): RoutingModel {
  return {listen: {address: '127.0.0.1', port: 7070}, header: 'Yard-Service', services: services as never}
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
      'service "none": health path of type undefined is not a URL path',
    ])
  })

  test.each([
    {listen: {address: '*', port: 7070}},
    {listen: {address: '127.0.0.1', port: 70_000}},
    {header: 'Yard Service'},
    {header: 'Host'},
    {header: 'TraceParent'},
    {header: 'A) -m found'},
  ])('is refused whole with %j', (wrong) => {
    expect(() => usableModel({...modelOf(good), ...wrong})).toThrow(
      expect.objectContaining({code: 'E_HAPROXY_CONFIG'}),
    )
  })
})
