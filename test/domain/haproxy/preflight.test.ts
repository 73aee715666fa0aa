import {describe, expect, test} from '@jest/globals'

import {
  bindsOf,
  clashesOf,
  descriptorsNeeded,
  mapFaults,
  parseBind,
} from '../../../src/domain/haproxy/preflight.js'
import {type RoutingModel} from '../../../src/domain/routing.js'

const listen = {address: '127.0.0.1', port: 7070}
const model: RoutingModel = {listen, header: 'Yard-Service', services: []}

function files(config: string, services: string, publicText = '') {
  return {
    files: [
      {name: 'haproxy.cfg', text: config},
      {name: 'services.map', text: services},
      {name: 'public.map', text: publicText},
    ],
  }
}

describe('before a reload', () => {
  test('all addresses that are listened on are known', () => {
    const config = 'frontend yard\n  bind 127.0.0.1:7070\nfrontend edge\n  bind 0.0.0.0:443 ssl crt-list x\n'
    expect(bindsOf(config)).toEqual(['0.0.0.0:443', '127.0.0.1:7070'])
    expect(parseBind('0.0.0.0:443')).toEqual({address: '0.0.0.0', port: 443})
    expect(bindsOf('')).toEqual([])
  })

  test('each server counts as one open file and each connection as two', () => {
    const servers = [1, 2, 3].map((port) => ({address: '10.0.0.1', port, state: 'up' as const}))
    const service = {name: 'a', healthPath: '/readyz', servers}
    const few = descriptorsNeeded(model, 1_000, 2)
    expect(descriptorsNeeded({...model, services: [service]}, 1_000, 2)).toBe(few + 3)
    expect(descriptorsNeeded(model, 1_100, 2)).toBe(few + 200)
  })

  test('H6 an entry of a map that names a missing backend is refused by the name of its service', () => {
    expect(mapFaults(files('backend svc_a\n', 'a svc_a\nb svc_b\nc\n'))).toEqual([
      'b is to go to svc_b, which is not there',
      'c is to go to nowhere, which is not there',
    ])
    expect(mapFaults(files('backend svc_a\n', 'a svc_a\n', 'example.org/ a\nexample.org/x/ z\n'))).toEqual([
      'example.org/x/ is to go to z, which is not there',
    ])
  })

  test('H6 a key that is in a map twice is refused', () => {
    expect(mapFaults(files('backend svc_a\n', 'a svc_a\na svc_a\n'))).toEqual(['a is in services.map twice'])
  })

  test('two parts that want one address are found', () => {
    expect(clashesOf({...model, statistics: listen})).toEqual(['127.0.0.1:7070'])
    expect(clashesOf({...model, statistics: {...listen, port: 7071}})).toEqual([])
  })
})
