import {expect, test} from '@jest/globals'

import {renderSettings} from '../../../src/domain/haproxy/render-settings.js'
import {type RoutedService, type RoutingModel} from '../../../src/domain/routing.js'
import {isDifferent, routingDifference} from '../../../src/lifecycle/push/difference.js'
import {renderHaproxy} from '../../../src/templates/haproxy.js'

const server = (port: number, weight?: number) => ({
  address: '10.0.0.3',
  port,
  state: 'up' as const,
  ...(weight !== undefined && {weight}),
})

function service(name: string, ...servers: RoutedService['servers']): RoutedService {
  return {name, healthPath: '/readyz', servers}
}

function filesOf(services: RoutedService[], changes: Partial<RoutingModel> = {}): Map<string, string> {
  const model = {listen: {address: '127.0.0.1', port: 7070}, header: 'Yard-Service', services, ...changes}
  const {files} = renderHaproxy(model, renderSettings({adminSocket: '/run/yard/haproxy.sock'}))
  return new Map(files.map(({name, text}) => [name, text]))
}

const edge = (routes: {host: string; path: string; service: string}[]): Partial<RoutingModel> => ({
  edge: {
    http: {address: '0.0.0.0', port: 80},
    redirectsToHttps: false,
    routes,
    maxBodyBytes: 1_000_000,
  },
})

const nothing = {
  isFirst: false,
  services: [],
  isFrameChanged: false,
  publicRoutes: {added: [], removed: []},
  closed: {added: [], removed: []},
}

test('the same model differs in nothing', () => {
  const files = filesOf([service('billing', server(4_000)), service('empty')])

  expect(routingDifference(files, files)).toEqual(nothing)
  expect(isDifferent(routingDifference(files, files))).toBe(false)
})

test('services and their instances are named, not lines of HAProxy', () => {
  const before = filesOf([
    service('billing', server(4_000), server(4_002)),
    service('kudos', server(4_100)),
    service('same', server(1)),
  ])
  const after = filesOf([
    service('billing', server(4_001), server(4_002, 10)),
    service('orders', server(4_200)),
    service('same', server(1)),
  ])

  const difference = routingDifference(before, after)

  expect(difference).toEqual({
    ...nothing,
    services: [
      {
        service: 'billing',
        change: 'changed',
        added: ['10.0.0.3:4001'],
        removed: ['10.0.0.3:4000'],
        weights: ['10.0.0.3:4002 weight 10, was 100'],
        isSettingsChanged: false,
      },
      {
        service: 'kudos',
        change: 'gone',
        added: [],
        removed: ['10.0.0.3:4100'],
        weights: [],
        isSettingsChanged: false,
      },
      {
        service: 'orders',
        change: 'new',
        added: ['10.0.0.3:4200'],
        removed: [],
        weights: [],
        isSettingsChanged: false,
      },
    ],
  })
  expect(isDifferent(difference)).toBe(true)
})

test('an instance that comes to a service without one is no change of its settings', () => {
  const [one] = routingDifference(
    filesOf([service('billing')]),
    filesOf([service('billing', server(4_000))]),
  ).services

  expect(one).toMatchObject({added: ['10.0.0.3:4000'], isSettingsChanged: false})
})

test('settings of one service and of all are told apart', () => {
  const billing = service('billing', server(4_000))
  const own = routingDifference(filesOf([billing]), filesOf([{...billing, settings: {maxConnections: 10}}]))
  const shared = routingDifference(
    filesOf([billing]),
    filesOf([billing], {listen: {address: '127.0.0.1', port: 7071}}),
  )

  expect(own.services).toMatchObject([{service: 'billing', isSettingsChanged: true, added: [], removed: []}])
  expect(own.isFrameChanged).toBe(false)
  expect([shared.isFrameChanged, shared.services]).toEqual([true, []])
})

test('public names and closed services are named', () => {
  const billing = service('billing', server(4_000))
  const before = filesOf([billing], edge([{host: 'old.example.org', path: '/', service: 'billing'}]))
  const after = filesOf(
    [{...billing, maintenance: 'back at nine'}],
    edge([{host: 'new.example.org', path: '/api', service: 'billing'}]),
  )

  expect(routingDifference(before, after)).toMatchObject({
    publicRoutes: {added: ['new.example.org/api/ billing'], removed: ['old.example.org/ billing']},
    closed: {added: ['billing back at nine'], removed: []},
  })
})

test('on a host without files everything is new, and files that are not HAProxy’s count as nothing', () => {
  const wanted = filesOf([service('billing', server(4_000))])

  expect(routingDifference(undefined, wanted)).toMatchObject({
    isFirst: true,
    isFrameChanged: false,
    services: [{service: 'billing', change: 'new'}],
  })
  expect(routingDifference(new Map([['haproxy.cfg', 'a "b']]), wanted)).toMatchObject({
    isFirst: false,
    isFrameChanged: true,
    services: [{service: 'billing', change: 'new'}],
  })
})
