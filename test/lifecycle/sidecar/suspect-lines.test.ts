import {expect, test} from '@jest/globals'

import {suspectLines} from '../../../src/lifecycle/sidecar/suspect-lines.js'

const at = '2026-11-20T23:59:30.000Z'
const held = (service: string, lost: number, of: number) => ({service, lost, of, at})

test('a line for each service says what vanished, and what it waits for', () => {
  expect(
    suspectLines('staging', {
      services: [held('billing', 3, 5), held('orders', 2, 2), held('search', 0, 2)],
    }),
  ).toEqual([
    'billing: 3 of 5 instances vanished at 23:59:30 UTC, held until 00:00:30 UTC',
    'orders: all 2 instances vanished at 23:59:30 UTC, held until back',
    'search: its record vanished at 23:59:30 UTC, held until back',
  ])
})

test('traffic that was moved to a release that nobody answers for is told as that', () => {
  expect(suspectLines('staging', {services: [{...held('billing', 1, 1), movedTo: 7}]})).toEqual([
    'billing: its traffic was moved at 23:59:30 UTC to release 7, which has no instance that is up; 1 instance keeps it until it has one',
  ])
})

test('thousands of services are one line, and the environment another', () => {
  const all = Array.from({length: 5_000}, (_, index) => held(`service-${index}`, 3, 3))
  const lines = suspectLines('staging', {services: all, environmentVanishedAt: at})
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain('the environment staging itself vanished')
  expect(lines[1]).toMatch(/^5000 services vanished at 23:59:30 UTC \(service-0, /)
  expect(lines.every((line) => line.length < 300)).toBe(true)
})
