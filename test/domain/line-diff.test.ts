import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {hunks, lineDiff} from '../../src/domain/line-diff.js'

const signs = {same: ' ', removed: '-', added: '+'} as const

function shown(before: string, after: string): string[] {
  return lineDiff(Array.from(before), Array.from(after)).map(({kind, text}) => `${signs[kind]}${text}`)
}

test('what both hold in the same order stays', () => {
  expect(shown('abcd', 'abcd')).toEqual([' a', ' b', ' c', ' d'])
  expect(shown('abcd', 'axcd')).toEqual([' a', '-b', '+x', ' c', ' d'])
  expect(shown('abc', '')).toEqual(['-a', '-b', '-c'])
  expect(shown('', 'ab')).toEqual(['+a', '+b'])
  expect(shown('xaybz', 'ab')).toEqual(['-x', ' a', '-y', ' b', '-z'])
})

test('a difference makes the one of the other, whatever they hold', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'server x', ''), {maxLength: 30})
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before, after)
      const side = (left: 'removed' | 'added') =>
        lines.filter(({kind}) => kind !== left).map((line) => line.text)
      expect(side('added')).toEqual(before)
      expect(side('removed')).toEqual(after)
    }),
    {numRuns: 500},
  )
})

test('a hunk has three lines around what changed, and near ones are one', () => {
  const before = Array.from({length: 40}, (_, index) => `line ${index}`)
  const after = before.map((line) => (['line 10', 'line 14', 'line 30'].includes(line) ? `${line}!` : line))

  const found = hunks(lineDiff(before, after))

  expect(found.map((hunk) => [hunk[0]?.text, hunk.at(-1)?.text])).toEqual([
    ['line 7', 'line 17'],
    ['line 27', 'line 33'],
  ])
  expect(found.flat().filter(({kind}) => kind !== 'same')).toHaveLength(6)
  expect(hunks(lineDiff(before, before))).toEqual([])
})

test('a hundred thousand lines with a few changes are compared at once', () => {
  const before = Array.from({length: 100_000}, (_, index) => `  server ${index % 1_000} 10.0.0.1:${index}`)
  const after = before.filter((_, index) => index % 10_000 !== 5)

  const started = performance.now()
  const lines = lineDiff(before, after)

  expect(lines.filter(({kind}) => kind === 'removed')).toHaveLength(10)
  expect(performance.now() - started).toBeLessThan(5_000)
})
