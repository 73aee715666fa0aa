import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {isRemovedOnPurpose, LossWindow, mayLift, RouteLossWindow} from '../../src/domain/mass-loss.js'

const loss = (service: string, lost: number, left: number) => ({service, lost, left})

describe('what is held', () => {
  test.each([
    ['one of three', loss('billing', 1, 2), 100, false],
    ['two of ten', loss('billing', 2, 8), 100, false],
    ['three of ten, which is not more than the share', loss('billing', 3, 7), 100, false],
    ['four of ten', loss('billing', 4, 6), 100, true],
    ['two of three', loss('billing', 2, 1), 100, true],
    ['the last one', loss('billing', 1, 0), 100, true],
    ['nothing', loss('billing', 0, 0), 0, false],
  ])('H12 %s', (_, one, leftInAll, isHeld) => {
    expect(new LossWindow().judge([one], leftInAll, 0).has('billing')).toBe(isHeld)
  })

  test('H12 a little of many services is much of the environment', () => {
    const losses = Array.from({length: 20}, (_, index) => loss(`service-${index}`, 1, 4))
    expect(new LossWindow().judge(losses, 80, 0).size).toBe(20)
    expect(new LossWindow().judge(losses.slice(0, 10), 80, 0).size).toBe(0)
  })

  test('H12 losses of ten seconds count together, later ones by themselves', () => {
    const window = new LossWindow()
    expect(window.judge([loss('billing', 2, 6)], 100, 0).size).toBe(0)
    expect(window.judge([loss('billing', 1, 5)], 100, 9_000).size).toBe(1)
    expect(window.judge([loss('billing', 1, 5)], 100, 20_000).size).toBe(0)
  })

  test('H12 whatever happens within the window, a service keeps most of what it had', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 50}), fc.array(fc.integer({min: 1, max: 10})), (count, steps) => {
        const window = new LossWindow()
        let [left, followed] = [count, count]
        for (const [index, step] of steps.entries()) {
          const lost = Math.min(step, left)
          left -= lost
          if (!window.judge([loss('billing', lost, left)], 10_000, index).has('billing')) followed -= lost
        }
        expect(followed).toBeGreaterThanOrEqual(Math.min(count - 1, Math.floor(count * 0.7)))
        expect(followed).toBeGreaterThan(0)
      }),
    )
  })
})

describe('public routes', () => {
  test.each([
    ['two of two', 2, 0, false],
    ['three of three', 3, 0, true],
    ['three of twenty, which is not more than the share', 3, 17, false],
    ['four of twenty', 4, 16, true],
    ['none', 0, 0, false],
  ])('H12 %s', (_, lost, left, isHeld) => {
    expect(new RouteLossWindow().judge(lost, left, 0)).toBe(isHeld)
  })

  test('H12 one by one they count together within ten seconds', () => {
    const window = new RouteLossWindow()
    expect([0, 1, 2].map((step) => window.judge(1, 9 - step, step * 4_000))).toEqual([false, false, true])
    expect(window.judge(1, 6, 30_000)).toBe(false)
  })
})

describe('what is lifted', () => {
  const held = {
    heldAtMillis: 1_000,
    confirmedAtMillis: 61_000,
    left: 1,
    followed: 3,
    isRemovedOnPurpose: false,
  }

  test('H12 a partial loss is believed after a minute, when a list still tells it', () => {
    expect(mayLift(held)).toBe(true)
    expect(mayLift({...held, confirmedAtMillis: 60_999})).toBe(false)
  })

  test('H12 a service does not go from some to none by itself', () => {
    expect(mayLift({...held, left: 0, confirmedAtMillis: 1e12})).toBe(false)
    expect(mayLift({...held, left: 0, isRemovedOnPurpose: true})).toBe(true)
    expect(mayLift({...held, left: 0, followed: 0})).toBe(true)
  })

  test.each([
    ['one of three', {billing: 0}, 2, true],
    ['the only one', {billing: 0}, 0, false],
    ['two of ten within ten seconds', {billing: 0, orders: 9_000}, 8, false],
    ['two of twenty within ten seconds', {billing: 0, orders: 9_000}, 18, true],
    ['two of ten, an hour apart', {billing: 0, orders: 3_600_000}, 8, true],
    ['another one', {orders: 0}, 8, false],
  ])('H12 a service that is gone was removed on purpose: %s', (_, vanished, present, isOnPurpose) => {
    expect(isRemovedOnPurpose('billing', new Map(Object.entries(vanished)), present)).toBe(isOnPurpose)
  })
})
