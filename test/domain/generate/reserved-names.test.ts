import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseNewServiceName} from '../../../src/domain/generate/reserved-names.js'
import {YardError} from '../../../src/errors.js'

const badNames = [
  '', '.', '..', '-rf', '--help', 'a/b', '../../evil', 'a b', 'a\nb', 'a\0b', 'A', 'a.', '__proto__', 'a--b', 'a-',
  'a'.repeat(41), 'a'.repeat(5000), '\u0430dmin', 'a%2fb', 'a\u202eb', '$(id)', '@/etc/passwd', '9lives', '~', 'con.',
] // prettier-ignore

describe('names of new services', () => {
  test.each(badNames)('refuses %j', (name) => {
    expect(() => parseNewServiceName(name)).toThrow(YardError)
  })

  test.each([
    'con',
    'nul',
    'com1',
    'class',
    'import',
    'constructor',
    'yard',
    'haproxy',
    'localhost',
    'null',
    'main',
  ])('refuses the reserved word %s with a suggestion that is accepted', (word) => {
    const error = refusal(word)

    expect(error).toMatchObject({code: 'E_NAME_INVALID', exitCode: 2, next: [`try ${word}-service`]})
    expect(parseNewServiceName(`${word}-service`)).toBe(`${word}-service`)
  })

  test('suggestions are always accepted or reserved words', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({unit: 'binary'}), fc.stringMatching(/^[ -~]{0,60}$/)),
        (value) => {
          const suggestion = /^try (.*)$/.exec(refusal(value)?.next[0] ?? '')?.[1]
          if (suggestion === undefined) return
          const again = refusal(suggestion)
          expect(again === undefined || /^it is a/.test(again.why)).toBe(true)
        },
      ),
    )
  })

  test('whatever is accepted is one harmless path segment and DNS label', () => {
    const nearly = fc.stringMatching(/^[a-zA-Z0-9._/-]{0,42}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string({unit: 'binary'}), nearly), (value) => {
        if (refusal(value) === undefined) expect(value).toMatch(/^(?!.*--)[a-z][a-z0-9-]{0,39}(?<!-)$/)
      }),
      {numRuns: 10_000},
    )
  })
})

function refusal(value: string): YardError | undefined {
  try {
    parseNewServiceName(value)
    return undefined
  } catch (error) {
    if (error instanceof YardError) return error
    throw error
  }
}
