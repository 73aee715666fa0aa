import {describe, expect, test} from '@jest/globals'

import {type RunningServer} from '../../../src/domain/haproxy/answers.js'
import {planServers, type PlanningFacts} from '../../../src/domain/haproxy/change.js'
import {type RoutedServer} from '../../../src/domain/routing.js'

const check =
  'check inter 1000ms fastinter 250ms downinter 250ms fall 2 rise 1 observe layer4 error-limit 1 on-error fastinter'

function running(port: number, more: Partial<RunningServer> = {}): RunningServer {
  const [backend, name, address] = ['svc_hello', `10.0.0.1:${port}`, '10.0.0.1']
  const usual = {weight: 100, maintenance: false, draining: false, healthy: true}
  return {backend, name, address, port, ...usual, ...more}
}

function wanted(port: number, state: RoutedServer['state'] = 'up'): RoutedServer {
  return {address: '10.0.0.1', port, state}
}

function planOf(servers: RunningServer[], routed: RoutedServer[], more: Partial<PlanningFacts> = {}) {
  return planServers({
    services: [{name: 'hello', healthPath: '/readyz', servers: routed}],
    backends: new Map([['hello', 'svc_hello']]),
    running: new Map([['svc_hello', servers]]),
    checkMillis: undefined,
    canAddServers: true,
    passing: new Set(),
    ...more,
  })
}

function plan(servers: RunningServer[], routed: RoutedServer[], more: Partial<PlanningFacts> = {}) {
  return planOf(servers, routed, more).change
}

describe('what turns the running HAProxy into the model', () => {
  test('is nothing when they agree, also about what is in maintenance', () => {
    expect(planOf([running(1), running(2, {maintenance: true})], [wanted(1)])).toEqual({
      change: undefined,
      reasons: [],
      leftovers: [['del server svc_hello/10.0.0.1:2']],
    })
    expect(plan([running(1, {weight: 0})], [wanted(1, 'draining')])).toBeUndefined()
  })

  test('is nothing for a service that has no backend yet', () => {
    expect(planOf([], [wanted(1)], {backends: new Map()})).toMatchObject({change: undefined, reasons: []})
  })

  test('is a reload for a new server where the socket cannot add one', () => {
    expect(planOf([], [wanted(1)], {canAddServers: false}).reasons).toEqual([
      "10.0.0.1:1 of hello can't be added",
    ])
  })

  test('H4 never gives an entry another address', () => {
    for (const other of [{port: 9}, {address: '10.0.0.9'}]) {
      const {change, reasons} = planOf([running(1, other)], [wanted(1)])
      expect(change).toBeUndefined()
      expect(reasons).toHaveLength(1)
    }
  })

  test('adds a server so that it starts down and proves itself', () => {
    expect(plan([running(1)], [wanted(1), wanted(2)])).toEqual({
      bringUp: [
        [
          `add server svc_hello/10.0.0.1:2 10.0.0.1:2 weight 100 ${check}`,
          'set server svc_hello/10.0.0.1:2 state ready',
          'set server svc_hello/10.0.0.1:2 health down',
          'enable health svc_hello/10.0.0.1:2',
        ],
      ],
      await: [],
      takeDown: [],
      discard: [],
    })
  })

  test('adds a server that passed its check so that it serves at once', () => {
    const passing = new Set(['hello/10.0.0.1:2'])
    expect(plan([running(1)], [wanted(2)], {passing})).toMatchObject({
      bringUp: [
        [
          expect.stringMatching(/^add server /),
          'set server svc_hello/10.0.0.1:2 state ready',
          'enable health svc_hello/10.0.0.1:2',
        ],
      ],
      await: [],
      takeDown: [['set server svc_hello/10.0.0.1:1 state maint']],
    })
  })

  test('goes to the spare backend that a service is on', () => {
    const backends = new Map([['hello', 'spare_001']])
    expect(plan([], [wanted(1)], {backends, running: new Map()})?.bringUp[0]?.[0]).toMatch(
      /^add server spare_001\/10\.0\.0\.1:1 /,
    )
  })

  test('takes a server out of maintenance the same way', () => {
    expect(plan([running(1, {maintenance: true, weight: 0})], [wanted(1)])).toMatchObject({
      bringUp: [
        [
          'set server svc_hello/10.0.0.1:1 weight 100',
          'set server svc_hello/10.0.0.1:1 state ready',
          'set server svc_hello/10.0.0.1:1 health down',
          'enable health svc_hello/10.0.0.1:1',
        ],
      ],
    })
  })

  test('drains and undrains by weight', () => {
    expect(plan([running(1)], [wanted(1, 'draining')])).toMatchObject({
      bringUp: [],
      takeDown: [['set server svc_hello/10.0.0.1:1 weight 0']],
    })
    expect(plan([running(1, {weight: 0})], [wanted(1)])).toMatchObject({
      bringUp: [
        ['set server svc_hello/10.0.0.1:1 state ready', 'set server svc_hello/10.0.0.1:1 weight 100'],
      ],
      takeDown: [],
    })
  })

  test('changes a weight over the socket', () => {
    const weighed = (weight: number) => ({...wanted(1), weight})
    expect(plan([running(1)], [weighed(10)])).toMatchObject({
      bringUp: [['set server svc_hello/10.0.0.1:1 state ready', 'set server svc_hello/10.0.0.1:1 weight 10']],
    })
    expect(plan([running(1, {weight: 10})], [weighed(10)])).toBeUndefined()
    expect(plan([], [weighed(256)])).toMatchObject({
      bringUp: [
        [
          expect.stringContaining(' weight 256 check '),
          expect.anything(),
          expect.anything(),
          expect.anything(),
        ],
      ],
    })
    expect(plan([running(1, {weight: 0})], [{...weighed(10), state: 'draining'}])).toBeUndefined()
  })

  test('takes the traffic from one with the weight 0 once another serves, and never waits for it', () => {
    const idle = {...wanted(2), weight: 0}
    expect(plan([running(1, {weight: 0}), running(2)], [wanted(1), idle])).toMatchObject({
      await: [['svc_hello/10.0.0.1:1']],
      takeDown: [['set server svc_hello/10.0.0.1:2 weight 0']],
    })
    expect(plan([running(2)], [idle])).toMatchObject({await: [], takeDown: [[expect.any(String)]]})
  })

  test('corrects a drain that somebody else began', () => {
    expect(plan([running(1, {draining: true})], [wanted(1)])).toMatchObject({
      bringUp: [
        ['set server svc_hello/10.0.0.1:1 state ready', 'set server svc_hello/10.0.0.1:1 weight 100'],
      ],
    })
  })

  test('waits for one that stays before another goes, but not when none is to stay', () => {
    expect(plan([running(1)], [wanted(1, 'draining'), wanted(2)])).toMatchObject({
      await: [['svc_hello/10.0.0.1:2']],
      takeDown: [['set server svc_hello/10.0.0.1:1 weight 0']],
    })
    expect(plan([running(1)], [])).toEqual({
      bringUp: [],
      await: [],
      takeDown: [['set server svc_hello/10.0.0.1:1 state maint']],
      discard: [['del server svc_hello/10.0.0.1:1']],
    })
  })
})
