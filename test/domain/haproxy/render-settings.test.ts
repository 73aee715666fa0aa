import {expect, test} from '@jest/globals'

import {descriptorsNeeded} from '../../../src/domain/haproxy/preflight.js'
import {renderSettings, routerSize} from '../../../src/domain/haproxy/render-settings.js'
import {type RoutingModel} from '../../../src/domain/routing.js'
import {renderHaproxy} from '../../../src/templates/haproxy.js'

const adminSocket = '/run/yard/haproxy.sock'
const servers = [1, 2, 3].map((port) => ({address: '10.0.0.1', port, state: 'up' as const}))
const model: RoutingModel = {
  listen: {address: '127.0.0.1', port: 7070},
  header: 'Yard-Service',
  services: Array.from({length: 1_000}, (_, index) => ({name: `s-${index}`, healthPath: '/', servers})),
}

test('a laptop gives HAProxy two threads, a host all it has', () => {
  expect(routerSize('local')).toEqual({maxConnections: 1_500, threads: 2})
  expect(routerSize('hosts')).toEqual({maxConnections: 10_000})
})

test('a host takes no number of threads from yard', () => {
  const text = (settings: object) =>
    renderHaproxy({...model, services: []}, renderSettings({adminSocket, ...settings})).files[0]?.text
  expect(text({})).toContain('nbthread 2\n  maxconn 1500\n')
  expect(text(routerSize('hosts'))).not.toContain('nbthread')
  expect(text(routerSize('hosts'))).toContain('maxconn 10000\n')
})

test.each([65_536, 20_000])('1,000 services of three servers fit into %i open files', (limit) => {
  const {maxConnections} = routerSize('hosts', limit)
  expect(descriptorsNeeded(model, maxConnections, 4)).toBeLessThanOrEqual(limit)
})

test('a host that may open few files gets as many connections as fit', () => {
  expect(routerSize('hosts', 4_096).maxConnections).toBe(1_024)
  expect(routerSize('local', 1_000_000).maxConnections).toBe(1_500)
})
