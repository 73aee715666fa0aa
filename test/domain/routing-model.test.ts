import {expect, test} from '@jest/globals'

import {localEnvironment} from '../../src/domain/environment.js'
import {type Instance} from '../../src/domain/instance.js'
import {routingModel} from '../../src/domain/routing-model.js'
import {aBinding, anInstance, aRelease, aService} from '../fakes/records.js'

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
