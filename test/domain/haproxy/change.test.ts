import {describe, expect, test} from '@jest/globals'

import {type RunningServer} from '../../../src/domain/haproxy/answers.js'
import {planChange} from '../../../src/domain/haproxy/change.js'
import {type RoutedServer, type RoutingModel} from '../../../src/domain/routing.js'

const check = 'check inter 1s fastinter 250ms downinter 250ms fall 2 rise 1'

function running(port: number, more: Partial<RunningServer> = {}): RunningServer {
  const [backend, name, address] = ['svc_hello', `10.0.0.1:${port}`, '10.0.0.1']
  const usual = {weight: 100, maintenance: false, draining: false, healthy: true}
  return {backend, name, address, port, ...usual, ...more}
}

function wanted(port: number, state: RoutedServer['state'] = 'up'): RoutedServer {
  return {address: '10.0.0.1', port, state}
}

function plan(servers: RunningServer[], routed: RoutedServer[], generation = 'g', canAddServers = true) {
  const model: RoutingModel = {
    listen: {address: '127.0.0.1', port: 7070},
    header: 'Yard-Service',
    services: [{name: 'hello', healthPath: '/readyz', servers: routed}],
  }
  return planChange({generation, servers}, {model, generation: 'g'}, canAddServers)
}

describe('what turns the running HAProxy into the model', () => {
  test('is nothing when they agree, also about what is in maintenance', () => {
    expect(plan([running(1), running(2, {maintenance: true})], [wanted(1)])).toEqual({kind: 'none'})
    expect(plan([running(1, {weight: 0})], [wanted(1, 'draining')])).toEqual({kind: 'none'})
  })

  test('is a reload when anything but servers changed', () => {
    expect(plan([running(1)], [wanted(1)], 'other')).toEqual({kind: 'reload'})
  })

  test('is a reload for a new server where the socket cannot add one', () => {
    expect(plan([], [wanted(1)], 'g', false)).toEqual({kind: 'reload'})
  })

  test('never gives an entry another address', () => {
    expect(plan([running(1, {port: 9})], [wanted(1)])).toEqual({kind: 'reload'})
    expect(plan([running(1, {address: '10.0.0.9'})], [wanted(1)])).toEqual({kind: 'reload'})
  })

  test('adds a server so that it starts down and proves itself', () => {
    expect(plan([running(1)], [wanted(1), wanted(2)])).toEqual({
      kind: 'runtime',
      bringUp: [
        [
          `add server svc_hello/10.0.0.1:2 10.0.0.1:2 weight 100 ${check}`,
          'set server svc_hello/10.0.0.1:2 state ready',
          'set server svc_hello/10.0.0.1:2 health down',
          'enable health svc_hello/10.0.0.1:2',
        ],
      ],
      await: [['svc_hello/10.0.0.1:1', 'svc_hello/10.0.0.1:2']],
      takeDown: [],
      discard: [],
    })
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
      kind: 'runtime',
      bringUp: [['set server svc_hello/10.0.0.1:1 state ready', 'set server svc_hello/10.0.0.1:1 weight 10']],
    })
    expect(plan([running(1, {weight: 10})], [weighed(10)])).toEqual({kind: 'none'})
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
    expect(plan([running(1, {weight: 0})], [{...weighed(10), state: 'draining'}])).toEqual({kind: 'none'})
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
      kind: 'runtime',
      bringUp: [],
      await: [],
      takeDown: [['set server svc_hello/10.0.0.1:1 state maint']],
      discard: [['del server svc_hello/10.0.0.1:1']],
    })
  })
})
