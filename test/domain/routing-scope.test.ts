import {describe, expect, test} from '@jest/globals'

import {checkMillisFor, routingScope, type ScopeFacts} from '../../src/domain/routing-scope.js'
import {aHost, anEnvironment, anInstance, aService} from '../fakes/records.js'

const environment = anEnvironment({
  router: {address: '127.0.0.1', port: 7070, header: 'Yard-Service', scope: 'consumers'},
})
const edge = {httpPort: 80, redirect: false, maxBodyBytes: 1}
const on = (service: string, host: string) => anInstance({environment: 'staging', service, host})
const web1 = aHost()
const web2 = aHost({name: 'web-2', address: '10.0.0.12'})
const web3 = aHost({name: 'web-3', address: '10.0.0.13', edge: true})

const facts: ScopeFacts = {
  environment: {...environment, edge},
  hosts: [web1, web2, web3],
  services: [
    aService({name: 'orders', calls: ['billing']}),
    aService({name: 'billing'}),
    aService({name: 'reports'}),
    aService({name: 'unused'}),
  ],
  instances: [on('orders', 'web-1'), on('billing', 'web-2'), on('reports', 'web-2')],
  consumers: [{service: 'reports', consumer: 'orders'}],
  publicRoutes: [{service: 'unused'}],
}

const knownOn = (host: typeof web1, changes: Partial<ScopeFacts> = {}) =>
  [...(routingScope({...facts, ...changes}, host).known ?? ['all'])].sort()

describe('with the scope of consumers a host knows', () => {
  test('what is called from there, by declaration or as a consumer, and what runs there', () => {
    expect(knownOn(web1)).toEqual(['billing', 'orders', 'reports'])
    expect(knownOn(web2)).toEqual(['billing', 'reports'])
  })

  test('what has a public name when it faces the outside, unless the environment has no edge', () => {
    expect(knownOn(web3)).toEqual(['unused'])
    expect(knownOn(web3, {environment})).toEqual([])
  })

  test('the same while an instance there is drained, so that nothing is forgotten', () => {
    const draining = anInstance({...on('orders', 'web-1'), state: 'draining'})
    expect(knownOn(web1, {instances: [draining]})).toEqual(['billing', 'orders', 'reports'])
  })

  test('every service when nobody says which host it is', () => {
    expect(routingScope(facts, undefined).known).toBeUndefined()
  })
})

test('without that scope every host knows, and checks, everything', () => {
  const whole = {...facts, environment: anEnvironment()}
  expect(routingScope(whole, web1)).toEqual({known: undefined, checkingHosts: 3})
})

test('the hosts that check are those that know the same service', () => {
  expect(routingScope(facts, web1).checkingHosts).toBe(2)
  expect(routingScope(facts, web3).checkingHosts).toBe(1)
  expect(routingScope(facts, undefined).checkingHosts).toBe(2)
})

test.each([
  [0, undefined],
  [1, undefined],
  [5, undefined],
  [6, 2_000],
  [10, 2_000],
  [11, 5_000],
  [25, 5_000],
  [26, 10_000],
  [100, 20_000],
  [500, 100_000],
  [10_000, 2_000_000],
  [100_000, 2_000_000],
])('%d hosts check every %d ms', (hosts, millis) => {
  expect(checkMillisFor(hosts)).toBe(millis)
})

test('a server answers at most five checks a second, however many hosts there are', () => {
  for (let hosts = 1; hosts <= 10_000; hosts += 7) {
    expect(hosts / ((checkMillisFor(hosts) ?? 1_000) / 1_000)).toBeLessThanOrEqual(5)
  }
})
