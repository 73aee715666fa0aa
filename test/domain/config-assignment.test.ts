import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {
  checkValue,
  maxValueBytes,
  parseAssignments,
  parseVariableName,
  parseVariableNames,
} from '../../src/domain/config-assignment.js'
import {isReservedVariable, variableNameProblem} from '../../src/domain/variable-names.js'
import {YardError} from '../../src/errors.js'
import {allTextOf} from '../fakes/all-text.js'

function refusalOf(work: () => unknown): YardError {
  try {
    work()
  } catch (error) {
    if (error instanceof YardError) return error
    throw error
  }
  throw new Error('it was taken')
}

describe('assignments', () => {
  test('keep everything after the first equals sign', () => {
    expect(parseAssignments(['URL=postgres://u:p@h/db?a=b', 'EMPTY=', 'LINES=a\nb'])).toEqual([
      {name: 'URL', content: {kind: 'plain', value: 'postgres://u:p@h/db?a=b'}},
      {name: 'EMPTY', content: {kind: 'plain', value: ''}},
      {name: 'LINES', content: {kind: 'plain', value: 'a\nb'}},
    ])
  })

  test('take a reference for what it is', () => {
    expect(parseAssignments(['KEY=secret://op/team/stripe/key'])).toEqual([
      {name: 'KEY', content: {kind: 'reference', reference: 'secret://op/team/stripe/key'}},
    ])
    expect(refusalOf(() => parseAssignments(['KEY=secret://nope/x'])).code).toBe('E_SECRET_REFERENCE')
  })

  test.each([
    ['PORT=1', 'PORT is set by yard'],
    ['YARD_X=1', 'YARD_X is set by yard'],
    ['__proto__=1', '__proto__ has a meaning'],
    ['constructor=1', 'constructor has a meaning'],
    ['A=a\0b', 'NUL'],
    ['A=\ud800', 'is not text'],
    [`A=${'x'.repeat(maxValueBytes + 1)}`, 'larger than 32 kB'],
    [`A=${'é'.repeat(maxValueBytes / 2 + 1)}`, 'larger than 32 kB'],
  ])('refuse %.40j', (word, why) => {
    const error = refusalOf(() => parseAssignments([word]))
    expect(error).toMatchObject({code: 'E_USAGE', exitCode: 2})
    expect(error.why).toContain(why)
  })

  test.each([
    'sk_live_CANARY',
    '=CANARY',
    '-CANARY',
    '1A=CANARY',
    'A-B=CANARY',
    '--A=CANARY',
    'a b=CANARY',
    '',
  ])('never repeat %j, which may be a secret', (word) => {
    const {next, what, why} = refusalOf(() => parseAssignments(['A=1', word]))
    expect(JSON.stringify({next, what, why})).not.toContain('CANARY')
    expect(why).toContain('the second variable')
  })

  test.each(['IFS', 'UID', 'EUID', 'PPID', '_', 'SHELLOPTS'])(
    'refuse %s, which the shell that starts a process would keep to itself',
    (name) => {
      expect(refusalOf(() => parseAssignments([`${name}=1`])).why).toBe(
        `${name} belongs to the shell that starts the processes, which would not pass it on`,
      )
    },
  )

  test('refuse a name that is given twice, and no name at all', () => {
    expect(refusalOf(() => parseAssignments(['A=1', 'B=2', 'A=3'])).why).toBe('A is given twice')
    expect(refusalOf(() => parseAssignments([])).why).toBe('nothing is given to set')
    expect(refusalOf(() => parseVariableNames(['A', 'A'])).why).toBe('A is given twice')
  })

  test('give back whatever name and value went in', () => {
    const name = fc
      .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/)
      .filter((each) => !variableNameProblem(each))
    const value = fc.string({unit: 'grapheme'}).filter((each) => !/\0|\p{Surrogate}|^secret:/u.test(each))
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), {selector: ([each]) => each, minLength: 1}),
        (pairs) => {
          const read = parseAssignments(pairs.map(([left, right]) => `${left}=${right}`))
          expect(read).toEqual(
            pairs.map(([left, right]) => ({name: left, content: {kind: 'plain', value: right}})),
          )
        },
      ),
    )
  })

  test('of any words end as assignments or as a refusal that shows no value', () => {
    const word = fc.oneof(
      fc.string({unit: 'binary', maxLength: 30}),
      fc
        .tuple(fc.string({maxLength: 8}), fc.string({unit: 'binary', maxLength: 8}))
        .map((two) => two.join('=')),
    )
    fc.assert(
      fc.property(word, (each) => {
        const marked = `${each}CANARY`
        try {
          for (const {name} of parseAssignments([marked])) expect(isReservedVariable(name)).toBe(false)
        } catch (error) {
          expect(error).toBeInstanceOf(YardError)
          expect(allTextOf(error as YardError)).not.toContain('CANARY')
        }
      }),
      {numRuns: 2_000},
    )
  })
})

test('a name that is a plain word is named in the refusal, anything else is not', () => {
  expect(parseVariableName('LOG_LEVEL')).toBe('LOG_LEVEL')
  expect(refusalOf(() => parseVariableName('HOST')).why).toContain('HOST')
  expect(refusalOf(() => parseVariableName('sk-live-1')).why).not.toContain('sk-live')
})

test('a value of exactly 32 kB is fine', () => {
  expect(() => checkValue('A', 'x'.repeat(maxValueBytes))).not.toThrow()
})
