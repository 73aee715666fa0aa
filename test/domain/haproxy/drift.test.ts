import {expect, test} from '@jest/globals'

import {driftOf, type DriftFacts} from '../../../src/domain/haproxy/drift.js'
import {type RunningServer} from '../../../src/domain/haproxy/answers.js'

const server: RunningServer = {
  ...{backend: 'svc_a', name: '10.0.0.1:1', address: '10.0.0.1', port: 1, weight: 100},
  ...{maintenance: false, draining: false, healthy: true},
}

function drift(servers: RunningServer[], running = new Map([['a', 'svc_a']])): string[] {
  const facts: DriftFacts = {
    services: [
      {name: 'a', healthPath: '/readyz', servers: [{address: '10.0.0.1', port: 1, state: 'up'}]},
      {name: 'unplaced', healthPath: '/readyz', servers: []},
    ],
    backends: new Map([['a', 'svc_a']]),
    running: new Map([['svc_a', servers]]),
    maps: {
      wanted: new Map([['services.map', new Map([['a', 'svc_a']])]]),
      running: new Map([['services.map', running]]),
    },
  }
  return driftOf(facts)
}

test.each([
  ['nothing', [server], []],
  ['what is left of a removed server', [server, {...server, name: 'x', maintenance: true}], []],
  ['a missing server', [], ['a: 10.0.0.1:1 is missing']],
  ['another weight', [{...server, weight: 5}], ['a: 10.0.0.1:1 has weight 5 instead of 100']],
  ['maintenance', [{...server, maintenance: true}], ['a: 10.0.0.1:1 is in maintenance']],
  ['a drain', [{...server, draining: true}], ['a: 10.0.0.1:1 is being drained']],
  ['another address', [{...server, port: 2}], ['a: 10.0.0.1:1 goes to 10.0.0.1:2']],
  ['a stranger', [server, {...server, name: 'x'}], ['a: x gets requests and is no instance of it']],
])('drift tells of %s', (_what, servers, lines) => {
  expect(drift(servers)).toEqual(lines)
})

test('drift tells of entries of maps', () => {
  expect(drift([server], new Map([['b', 'svc_a']]))).toEqual([
    'a is missing in services.map',
    'b in services.map is not of yard',
  ])
  expect(drift([server], new Map([['a', 'elsewhere']]))).toEqual(['a has another entry in services.map'])
})
