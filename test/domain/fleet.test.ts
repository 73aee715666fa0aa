import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {
  chooseSubnet,
  fleetAddress,
  fleetFileSchema,
  fleetHostNames,
  isFleetHost,
  isFleetHostName,
  isSubnetTaken,
  mostFleetHosts,
} from '../../src/domain/fleet.js'
import {check} from '../../src/domain/schema.js'

const file = {v: 1 as const, environment: 'practice', subnet: '10.213.7', hosts: 2}

test('a network that is taken is never chosen, whatever it is part of', () => {
  const octet = fc.integer({min: 0, max: 255})
  const near = fc.tuple(fc.constant(10), fc.constantFrom(213, 212), octet, octet)
  const network = fc
    .tuple(fc.oneof(near, fc.tuple(octet, octet, octet, octet)), fc.integer({min: 14, max: 32}))
    .map(([address, length]) => ({address, length, text: `${address.join('.')}/${length}`}))
  fc.assert(
    fc.property(fc.array(network, {maxLength: 12}), fc.nat(), (taken, seed) => {
      const chosen = chooseSubnet(
        taken.map(({text}) => text),
        seed,
      )
      if (chosen === undefined) return taken.some(({length}) => length <= 17)
      const bits = (parts: readonly number[]) =>
        parts.map((part) => part.toString(2).padStart(8, '0')).join('')
      const own = bits(chosen.split('.').map(Number))
      return taken.every(({address, length}) => {
        const shared = Math.min(length, 24)
        return bits(address).slice(0, shared) !== own.slice(0, shared)
      })
    }),
  )
})

test('the same seed gives the same network, and the next one when that is taken', () => {
  expect(chooseSubnet([], 7)).toBe('10.213.7')
  expect(chooseSubnet(['10.213.7.4', '10.213.8.0/30', 'default', '0.0.0.0/0', 'local'], 7)).toBe('10.213.9')
  expect(chooseSubnet(['10.213.255.0/24'], 255)).toBe('10.213.0')
  expect(chooseSubnet(['10.0.0.0/8'], 7)).toBeUndefined()
  expect(isSubnetTaken('10.213.7', ['10.213.7.128/25'])).toBe(true)
  expect(isSubnetTaken('10.213.7', ['10.213.8.0/24', '192.168.0.0/16'])).toBe(false)
})

test('every host has an address of its own that is no other thing', () => {
  const addresses = fleetHostNames(mostFleetHosts).map((_, index) => fleetAddress('10.213.7', index + 1))
  expect(new Set(addresses).size).toBe(mostFleetHosts)
  expect([addresses[0], addresses.at(-1)]).toEqual(['10.213.7.11', '10.213.7.40'])
})

test('a record is of the fleet by its environment, name and address together', () => {
  const host = {environment: 'practice', name: 'fleet-2', address: '10.213.7.12'}
  expect(isFleetHost(file, host)).toBe(true)
  expect(isFleetHost(file, {...host, environment: 'staging'})).toBe(false)
  expect(isFleetHost(file, {...host, address: '10.213.7.11'})).toBe(false)
  expect(isFleetHost(file, {...host, name: 'fleet-3', address: '10.213.7.13'})).toBe(false)
  expect(isFleetHost(file, {...host, name: 'fleet-0', address: '10.213.7.10'})).toBe(false)
  expect(isFleetHost(file, {...host, name: 'web-2'})).toBe(false)
  expect(['fleet-1', 'fleet-30', 'fleet-01', 'fleet-', 'fleet-0', 'a-fleet-1'].map(isFleetHostName)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

test.each([
  {subnet: '192.168.1'},
  {subnet: '10.256.1'},
  {subnet: '10.1.1; reboot'},
  {environment: '../x'},
  {hosts: 0},
  {hosts: 31},
  {v: 2},
])('a file with %j is not trusted', (change) => {
  expect(check(fleetFileSchema, file).ok).toBe(true)
  expect(check(fleetFileSchema, {...file, ...change}).ok).toBe(false)
})
