import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {parse as parseYaml} from 'yaml'

import {encoders} from '../../src/templates/encoders.js'
import {readDockerfileValue, readMarkdown, readTypeScript} from './readers.js'

const nasty = [
  'Bob\'s "x": #1 ${{y}} {{z}} $(id)', 'two\nlines', '\u{1f680}', '</script>', 'yes', 'no', 'null', '~', '0123', '1e3', '- x', ': ',
  '# x', 'a # b', 'a: b', '{{secret}}', '{{#with}}', '&amp;', '<b>', '`id`', '\\', '\\\\"', '%h', '!tag', '*a', '&a', '| x', '> x', '@x',
  '1. one', '+ plus', '= x', '\u2028', '\u0085', '\ufeff', 'trailing ', ' leading', '---', '...', '?', '[x](y)', 'a'.repeat(600),
] // prettier-ignore

const text = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({unit: 'grapheme'}),
  fc.stringMatching(/^[ -~\n]{0,80}$/),
  fc.tuple(fc.constantFrom(...nasty), fc.constantFrom(...nasty)).map((pair) => pair.join(' ')),
)

describe('an encoded answer is read back as it was', () => {
  test.each([
    ['json', (encoded: string) => (JSON.parse(`{"a": ${encoded}}`) as {a: string}).a],
    ['yaml', (encoded: string) => (parseYaml(`a: ${encoded}\nb: 1\n`) as {a: string}).a],
    ['yaml in a list', (encoded: string) => (parseYaml(`- ${encoded}\n- 1\n`) as [string])[0]],
    ['ts', readTypeScript],
    ['md', readMarkdown],
  ])('%s', (format, read) => {
    const encode = encoders[format.split(' ')[0] as keyof typeof encoders]
    fc.assert(
      fc.property(text, (value) => {
        expect(read(encode(value))).toBe(value)
      }),
      {numRuns: 2_000},
    )
  })

  test('dockerfile, where a line break becomes a space', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(readDockerfileValue(encoders.dockerfile(value))).toBe(value.replaceAll('\n', ' '))
      }),
      {numRuns: 2_000},
    )
  })
})

test('simple words stay readable', () => {
  expect(encoders.yaml('The billing service')).toBe('The billing service')
  expect(encoders.yaml('off')).toBe('"off"')
  expect(encoders.md('The billing service, v2.')).toBe('The billing service, v2.')
  expect(encoders.ts('billing')).toBe("'billing'")
})

test('nothing encoded holds a line break, and TypeScript no closing script tag', () => {
  fc.assert(
    fc.property(text, (value) => {
      for (const encode of Object.values(encoders)) expect(encode(value)).not.toMatch(/[\n\r]$|\n/)
      expect(encoders.ts(value)).not.toContain('</')
    }),
  )
})
