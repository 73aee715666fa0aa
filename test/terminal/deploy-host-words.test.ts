import {expect, test} from '@jest/globals'

import {type DeployShowReport, type ShownHost} from '../../src/lifecycle/deploy/journal/show.js'
import {hostWords} from '../../src/terminal/deploy-host-words.js'
import {aDeploy} from '../fakes/records.js'

const unpacked: ShownHost = {host: 'web-1', batch: 1, step: 'unpack', outcome: 'done'}
const unreached: ShownHost = {host: 'web-2', batch: 2, outcome: 'waiting'}
const ill: ShownHost = {...unpacked, step: 'health', outcome: 'failed', detail: 'it ended\nby itself'}

const words = (
  state: DeployShowReport['state'],
  host: ShownHost,
  changes: Partial<DeployShowReport> = {},
) => {
  const cell = hostWords(
    {...aDeploy({service: 'hello', release: 2}), steps: [], hosts: [], next: [], ...changes, state},
    host,
  )
  return typeof cell === 'string' ? cell : cell.text
}

test.each([
  ['live', unpacked, 'got hello-r2'],
  ['partial', unpacked, 'got hello-r2'],
  ['failed', unpacked, 'has what it had before'],
  ['failed', unreached, 'was never reached'],
  ['failed', ill, 'failed at health: it ended; has what it had before'],
  [
    'failed',
    {...unpacked, left: ['hello-r2@web-1']},
    'hello-r2@web-1 may still run there, the next deploy ends it',
  ],
  [
    'live',
    {...unpacked, left: ['hello-r1@web-1', 'b']},
    'got hello-r2; hello-r1@web-1, b may still run there, the next deploy ends them',
  ],
  [
    'live',
    {...unpacked, left: ['a', 'b', 'c', 'd']},
    'got hello-r2; 4 instances may still run there, the next deploy ends them',
  ],
  ['paused', {...ill, detail: 'web-1: no room'}, 'failed at health: no room'],
  ['aborted', unpacked, 'has what it had before'],
  ['abandoned', unreached, 'not reached yet'],
  ['abandoned', unpacked, 'has the files, runs nothing of it yet'],
  ['paused', {...unpacked, step: 'health'}, 'new instances are ready, without traffic'],
  ['running', {...unpacked, outcome: 'running'}, 'at work on unpack'],
  ['abandoned', {...unpacked, outcome: 'cut'}, 'cut short in unpack'],
] as const)('in a deploy that is %s', (state, host, text) => {
  expect(words(state, host)).toBe(text)
})

test('a host that was left out says why', () => {
  const failedHosts = [{host: 'web-1', why: 'no room'}]
  expect(words('partial', unpacked, {failedHosts})).toBe('failed: no room; has what it had before')
})

test('once the traffic of its batch has moved, that is what counts', () => {
  const step = {
    v: 1 as const,
    deploy: 2,
    step: 'move' as const,
    attempt: 1,
    startedAt: '2026-11-20T12:00:00.000Z',
  }
  const steps = [{...step, outcome: 'done' as const}]
  expect(words('paused', unpacked, {steps})).toBe('hello-r2 has its traffic')
  expect(words('paused', unreached, {steps})).toBe('not reached yet')
})
