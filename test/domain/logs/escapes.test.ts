import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {neutralise} from '../../../src/domain/logs/escapes.js'

test.each([
  ['\u001b]0;t\u0007', '\\x1b]0;t\\x07'],
  ['\u001b]52;c;ZXZpbA==\u0007', '\\x1b]52;c;ZXZpbA==\\x07'],
  ['\u001b[2J', '\\x1b[2J'],
  ['a\rb', 'a\\rb'],
  ['a\bb', 'a\\x08b'],
  ['a\u202eb', 'a\\u202eb'],
  ['a\u2066b\u2069', 'a\\u2066b\\u2069'],
  ['\u009b2J', '\\x9b2J'],
  ['\u0090q', '\\x90q'],
  ['\n2026-11-20 deploy ok by root', '\\n2026-11-20 deploy ok by root'],
  ['\u2028', '\\u2028'],
  ['\ud800', '\\ud800'],
  ['a\u200bb', 'a\\u200bb'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\0', '\\x00'],
])('shows %j by its codes', (text, shown) => {
  expect(neutralise(text)).toBe(shown)
})

test('leaves text alone, tabs included', () => {
  for (const text of ['', 'plain', 'Grüße, 世界 👋', 'a\tb', '{"a": "\\n"}', 'שלום'])
    expect(neutralise(text)).toBe(text)
})

test('nothing that a terminal acts on comes through, and doing it twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), (text) => {
      const shown = neutralise(text)
      expect(shown).not.toMatch(
        /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/,
      )
      expect(shown).not.toMatch(/\p{Surrogate}/u)
      expect(neutralise(shown)).toBe(shown)
    }),
  )
})
