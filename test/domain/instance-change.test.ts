import {describe, expect, test} from '@jest/globals'

import {getsRequests, instanceAfter} from '../../src/domain/instance-change.js'
import {type Instance} from '../../src/domain/instance.js'
import {anInstance} from '../fakes/records.js'

const by = 'ada@laptop'
const drainUntil = '2026-11-20T12:00:30.000Z'
const stages = {
  up: anInstance(),
  disabled: anInstance({state: 'disabled', takenOutBy: by}),
  'drained by hand': anInstance({state: 'draining', takenOutBy: by}),
  starting: anInstance({state: 'starting'}),
  'drained by a deploy': anInstance({state: 'draining', drainUntil}),
  down: anInstance({state: 'down'}),
}

const outcomeOf = (instance: Instance, kind: 'enable' | 'disable' | 'drain') => {
  const change = instanceAfter(instance, {kind}, by)
  return change.outcome === 'changed' ? change.after.state : change.outcome
}

describe('what an operator may do', () => {
  test.each([
    ['up', ['unchanged', 'disabled', 'draining']],
    ['disabled', ['up', 'unchanged', 'unchanged']],
    ['drained by hand', ['up', 'disabled', 'unchanged']],
    ['starting', ['refused', 'refused', 'refused']],
    ['drained by a deploy', ['refused', 'refused', 'refused']],
    ['down', ['refused', 'refused', 'refused']],
  ] as const)('with one that is %s: enable, disable, drain give %j', (stage, outcomes) => {
    const found = (['enable', 'disable', 'drain'] as const).map((kind) => outcomeOf(stages[stage], kind))

    expect(found).toEqual(outcomes)
  })

  test('is kept with who did it, and forgotten when it is enabled', () => {
    expect(instanceAfter(stages.up, {kind: 'disable'}, by)).toMatchObject({after: {takenOutBy: by}})
    const enabled = instanceAfter({...stages.disabled, drainUntil}, {kind: 'enable'}, by)
    expect(enabled).toEqual({outcome: 'changed', after: stages.up})
  })

  test('changes the weight of one that is there, and of no other', () => {
    const weigh = (instance: Instance, weight: number) =>
      instanceAfter(instance, {kind: 'weight', weight}, by)

    expect(weigh(stages.up, 10)).toEqual({outcome: 'changed', after: {...stages.up, weight: 10}})
    expect(weigh(stages.disabled, 10)).toMatchObject({
      outcome: 'changed',
      after: {state: 'disabled', weight: 10},
    })
    expect(weigh(stages.up, 100)).toEqual({outcome: 'unchanged'})
    expect(weigh({...stages.up, weight: 10}, 10)).toEqual({outcome: 'unchanged'})
    expect(weigh(stages.starting, 10)).toMatchObject({outcome: 'refused'})
  })

  test('is nothing with a process that gets no requests', () => {
    const worker = anInstance({process: 'worker'})
    delete worker.port

    expect(instanceAfter(worker, {kind: 'disable'}, by)).toMatchObject({outcome: 'refused'})
  })
})

test('requests go to what is up with the active release and has a weight', () => {
  expect(getsRequests(anInstance(), 1)).toBe(true)
  expect(getsRequests(anInstance({weight: 1}), 1)).toBe(true)
  expect(getsRequests(anInstance({weight: 0}), 1)).toBe(false)
  expect(getsRequests(anInstance(), 2)).toBe(false)
  expect(getsRequests(anInstance(), undefined)).toBe(false)
  expect(getsRequests(anInstance({state: 'disabled'}), 1)).toBe(false)
  expect(getsRequests(anInstance({process: 'worker'}), 1)).toBe(false)
})
