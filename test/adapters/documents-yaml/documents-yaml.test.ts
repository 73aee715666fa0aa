import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {YamlDocumentParser} from '../../../src/adapters/documents-yaml/index.js'

const parser = new YamlDocumentParser()

describe('positions', () => {
  test('point at the value or its key, and for what is missing at the group around it', () => {
    const document = parser.parse('a: 1\nb:\n  - x\n  - {c: [2, 3]}\n')
    if (!document.ok) throw new Error('it is fine')

    expect(document.positionOf(['b', 1, 'c', 1])).toEqual({line: 4, column: 13})
    expect(document.positionOf(['b', 1, 'c'], 'key')).toEqual({line: 4, column: 6})
    expect(document.positionOf(['b', 1, 'missing', 'deeper'])).toEqual({line: 4, column: 5})
    expect(document.positionOf(['missing'])).toEqual({line: 1, column: 1})
    expect(document.positionOf(['b', 7])).toEqual({line: 3, column: 3})
  })

  test('of every value of a generated document are where its text stands', () => {
    const key = fc
      .stringMatching(/^[a-z]{1,8}$/)
      .filter((text) => !['true', 'false', 'null', 'yes', 'no'].includes(text))
    fc.assert(
      fc.property(fc.uniqueArray(key, {minLength: 1, maxLength: 8}), fc.nat(3), (names, blank) => {
        const lines = names.map((name, index) => `${name}:${' '.repeat(index + 1)}value${index}`)
        const document = parser.parse(lines.join(`\n${'\n'.repeat(blank)}`))
        if (!document.ok) throw new Error('it is fine')
        names.forEach((name, index) => {
          const line = 1 + index * (blank + 1)
          expect(document.positionOf([name], 'key')).toEqual({line, column: 1})
          expect(document.positionOf([name])).toEqual({line, column: name.length + 2 + index + 1})
        })
      }),
    )
  })
})

test('whatever the text is, parsing answers and never throws', () => {
  const piece = fc.constantFrom(
    'a: ',
    '- ',
    '&x ',
    '*x',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>',
    '!!t ',
    '? ',
    ': ',
    '#',
    '---\n',
    '\t',
    '\u0000',
    'é',
    '<<: ',
  )
  fc.assert(
    fc.property(fc.array(piece, {maxLength: 40}), (pieces) => {
      const document = parser.parse(pieces.join(''))
      if (document.ok) document.positionOf(['a', 0, 'b'])
      else expect(document.problems.length).toBeGreaterThan(0)
    }),
    {numRuns: 500},
  )
})

test('all errors are told, each with its place, and a huge text is refused unread', () => {
  expect(parser.parse('a: 1\na: 2\nb: 3\nb: 4\n')).toMatchObject({
    ok: false,
    problems: [{position: {line: 2, column: 1}}, {position: {line: 4, column: 1}}],
  })
  expect(parser.parse('x'.repeat(5_000_000))).toMatchObject({
    ok: false,
    problems: [{message: 'is larger than 256 kB'}],
  })
})

describe('several documents in one text', () => {
  test('are each parsed, with positions counted from the start of the text', () => {
    const [first, second, third, ...rest] = parser.parseAll('a: 1\n---\nb:\n  - x\n---\n')
    expect(rest).toEqual([])
    expect(first).toMatchObject({ok: true, value: {a: 1}})
    expect(third).toMatchObject({ok: true, value: undefined})
    if (second?.ok !== true) throw new Error('it is fine')
    expect(second.value).toEqual({b: ['x']})
    expect(second.positionOf(['b', 0])).toEqual({line: 4, column: 5})
  })

  test('of which one is wrong spoil only that one', () => {
    expect(parser.parseAll('a: 1\n---\nb: 1\nb: 2\n---\nc: 1\n')).toMatchObject([
      {ok: true},
      {ok: false, problems: [{position: {line: 4, column: 1}}]},
      {ok: true},
    ])
  })

  test('are none in an empty text, and a bomb or a huge text is refused', () => {
    expect(parser.parseAll('')).toEqual([])
    expect(parser.parseAll('x'.repeat(5_000_000))).toMatchObject([{ok: false}])
    expect(parser.parseAll(`a: ${'['.repeat(10_000)}`)).toMatchObject([
      {ok: false, problems: [{message: 'is nested too deeply'}]},
    ])
    const bomb = `a: &a [x]\n${'b: [*a, *a]\n'.repeat(1)}c: [${'*a, '.repeat(60)}]\n`
    expect(parser.parseAll(bomb)).toMatchObject([{ok: false, problems: [{message: 'uses too many aliases'}]}])
  })

  test('are printed so that any text comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({a: fc.string({unit: 'binary'}), b: fc.array(fc.string())})),
        (values) => {
          const whole = values.map(({a, b}) => ({a: a.replace(/\p{Surrogate}/gu, ''), b}))
          const read = parser.parseAll(parser.printAll(whole))
          expect(read.map((each) => (each.ok ? each.value : each.problems))).toEqual(whole)
        },
      ),
      {numRuns: 500},
    )
  })

  test('quote what an older YAML takes for something else', () => {
    const words = ['yes', 'NO', 'on', 'y', 'null', '~', '0123', '1e3', '12:30', 'a: b', 'a #b', '- a', '']
    expect(parser.printAll([words])).toBe(`---\n${words.map((word) => `- "${word}"\n`).join('')}`)
    expect(parser.printAll([['a b', 'url:https://x/y', 'component:identity']])).not.toContain('"')
  })
})
