import {expect, test} from '@jest/globals'

import {Remembered} from '../../../src/domain/haproxy/remembered.js'

function remembering() {
  const remembered = new Remembered<number>()
  const made: number[] = []
  const get = (name: string, wanted: number) =>
    remembered.get(
      name,
      (value) => value === wanted,
      () => {
        made.push(wanted)
        return wanted
      },
    )
  return {made, get, endTurn: () => remembered.endTurn()}
}

test('what was worked out is worked out once, in this turn and the next', () => {
  const {made, get, endTurn} = remembering()
  get('a', 1)
  get('a', 1)
  endTurn()

  expect(get('a', 1)).toBe(1)
  expect(made).toEqual([1])
})

test('what does not hold any more is worked out anew', () => {
  const {made, get, endTurn} = remembering()
  get('a', 1)

  expect(get('a', 2)).toBe(2)
  endTurn()
  expect(get('a', 3)).toBe(3)
  expect(made).toEqual([1, 2, 3])
})

test('what two turns did not need is forgotten', () => {
  const {made, get, endTurn} = remembering()
  get('a', 1)
  endTurn()
  endTurn()
  get('a', 1)

  expect(made).toEqual([1, 1])
})
