import {describe, expect, test} from '@jest/globals'

import {type Environment} from '../../../src/domain/environment.js'
import {rolloutPlan} from '../../../src/lifecycle/deploy/rollout-plan.js'
import {type Target} from '../../../src/lifecycle/deploy/run.js'

const environment: Environment = {
  v: 1,
  name: 'staging',
  kind: 'hosts',
  router: {address: '127.0.0.1', port: 7070, header: 'Yard-Service'},
}
const host = (name: string) => ({
  v: 1 as const,
  name,
  environment: 'staging',
  address: '10.0.0.1',
  description: '',
})
const target: Target = {service: 'hello', environment, hosts: ['h1', 'h2', 'h3', 'h4'].map(host), leftOut: []}

describe('how a rollout is', () => {
  test('without a word: one host at a time, and all back when it fails', () => {
    expect(rolloutPlan(target, {})).toMatchObject({
      strategy: {kind: 'rolling', batch: {hosts: 1}},
      batches: [['h1'], ['h2'], ['h3'], ['h4']],
      onFailure: 'rollback',
    })
  })

  test('what the service file says counts where the command line says nothing', () => {
    const declared = {
      strategy: {kind: 'canary' as const, weight: 5, bakeMillis: 60_000, batch: {percent: 50}},
      onFailure: 'pause' as const,
    }

    expect(rolloutPlan(target, {strategy: {weight: 20}}, declared)).toMatchObject({
      strategy: {kind: 'canary', weight: 20, bakeMillis: 60_000, batch: {percent: 50}},
      batches: [['h1'], ['h2', 'h3'], ['h4']],
      onFailure: 'pause',
    })
    expect(
      rolloutPlan(target, {strategy: {strategy: 'rolling'}, onFailure: 'continue'}, declared),
    ).toMatchObject({
      strategy: {kind: 'rolling', batch: {hosts: 1}},
      onFailure: 'continue',
    })
  })

  test.each([
    [{weight: 5}, /means something only with --strategy canary/],
    [{strategy: 'rolling', weight: 5}, /only with --strategy canary/],
    [{strategy: 'blue-green', batch: 2}, /means nothing with --strategy blue-green/],
  ] as const)('%j is refused', (strategy, why) => {
    expect(() => rolloutPlan(target, {strategy})).toThrow(
      expect.objectContaining({code: 'E_USAGE', exitCode: 2, why: expect.stringMatching(why)}),
    )
  })

  test('blue-green with some hosts alone is refused', () => {
    const some = {...target, leftOut: [host('h5')]}

    expect(() => rolloutPlan(some, {strategy: {strategy: 'blue-green'}})).toThrow(
      expect.objectContaining({code: 'E_USAGE', what: "Can't use --hosts here"}),
    )
  })
})
