import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {ReloadBudget} from '../../../src/lifecycle/sidecar/reload-budget.js'

test('the first reload is free, the next one is ten seconds later', () => {
  const budget = new ReloadBudget()
  expect(budget.mayReload(5)).toBe(true)
  budget.spend(5)
  expect(budget.mayReload(5)).toBe(false)
  expect(budget.millisUntilReload(4_005)).toBe(6_000)
  expect(budget.mayReload(10_004)).toBe(false)
  expect(budget.mayReload(10_005)).toBe(true)
})

test('tidying waits until nothing changed for ten seconds', () => {
  const budget = new ReloadBudget()
  budget.noteChange(1_000)
  expect(budget.millisUntilTidying(1_000)).toBe(10_000)
  budget.noteChange(8_000)
  expect(budget.millisUntilTidying(11_000)).toBe(7_000)
  budget.spend(12_000)
  expect(budget.millisUntilTidying(18_000)).toBe(4_000)
  expect(budget.millisUntilTidying(22_000)).toBe(0)
})

test('whatever happens when, no minute has more than six reloads', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({min: 0, max: 5_000}), {maxLength: 200}), (pauses) => {
      const budget = new ReloadBudget()
      const reloads: number[] = []
      let now = 0
      for (const pause of pauses) {
        now += pause
        if (!budget.mayReload(now)) continue
        budget.spend(now)
        reloads.push(now)
      }
      for (const from of reloads)
        expect(reloads.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(6)
    }),
  )
})
