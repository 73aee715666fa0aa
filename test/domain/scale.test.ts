import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {compareHosts, placements} from '../../src/domain/scale.js'

test('without a scale every process runs once on every host', () => {
  expect(placements(['h10', 'h2'], ['web', 'worker'], undefined)).toEqual([
    {host: 'h2', process: 'web', index: 1},
    {host: 'h10', process: 'web', index: 1},
    {host: 'h2', process: 'worker', index: 1},
    {host: 'h10', process: 'worker', index: 1},
  ])
})

test('a scale is spread evenly, and each instance on a host has its own index', () => {
  fc.assert(
    fc.property(fc.integer({min: 1, max: 20}), fc.integer({min: 0, max: 100}), (hosts, count) => {
      const names = Array.from({length: hosts}, (_, index) => `h${index}`)
      const places = placements(names, ['web'], {processes: {web: count}})
      const sizes = names.map((name) => places.filter(({host}) => host === name).length)
      expect(places).toHaveLength(count)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(new Set(places.map(({host, index}) => `${host} ${index}`)).size).toBe(count)
    }),
  )
})

test('no host, nothing to place', () => {
  expect(placements([], ['web'], {processes: {web: 3}})).toEqual([])
})

test('hosts are counted as people count them', () => {
  expect(['web-10', 'web-2', 'db-1'].sort(compareHosts)).toEqual(['db-1', 'web-2', 'web-10'])
})
