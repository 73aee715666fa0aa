import {describe, expect, test} from '@jest/globals'

import {parseSecrets, parseVariables, typedValue} from '../../../src/domain/smoke/given-variables.js'
import {parseSmokeFile} from '../../../src/domain/smoke/parse.js'
import {unsetVariables} from '../../../src/domain/smoke/unset-variables.js'
import {YardError} from '../../../src/errors.js'

test.each([
  ['12', {kind: 'integer', value: 12}],
  ['-1', {kind: 'integer', value: -1}],
  ['1.5', {kind: 'float', value: 1.5}],
  ['true', {kind: 'boolean', value: true}],
  ['null', {kind: 'null'}],
  ['', {kind: 'string', value: ''}],
  ['1e3', {kind: 'string', value: '1e3'}],
  ['12345678901234567890', {kind: 'integer', value: 12345678901234567000, exact: '12345678901234567890'}],
  ['http://a', {kind: 'string', value: 'http://a'}],
])('%j has the type it has for Hurl', (spelled, value) => {
  expect(typedValue(spelled)).toEqual(value)
})

test('variables are split at the first equals sign', () => {
  expect(parseVariables(['a=b=c', 'user-name_1=', 'a=d'])).toEqual({a: 'd', 'user-name_1': ''})
})

test.each(['a', '=b', '1a=b', 'a b=c', '__proto__=x', 'a\n=b'])('%j is no variable', (pair) => {
  expect(() => parseVariables([pair])).toThrow(YardError)
})

describe('secrets', () => {
  test('are lines of a file, kept as they are', () => {
    expect(parseSecrets('# comment\n\n a = b=c d \r\ntoken=#hash\n', 's.env')).toEqual({
      a: ' b=c d ',
      token: '#hash',
    })
  })

  test.each([
    ['abcdef', 's.env:1', 'not name=value'],
    ['a=bcde\na=fghi', 's.env:2', 'twice'],
    ['a=abc', 's.env:1', 'shorter than 4'],
    ['constructor=abcd\n1=abcd', 's.env:2', 'not name=value'],
  ])('%j is refused without saying a value', (content, where, why) => {
    let failure: unknown
    try {
      parseSecrets(content, 's.env')
    } catch (error) {
      failure = error
    }

    expect(failure).toMatchObject({
      code: 'E_USAGE',
      what: expect.stringContaining(where),
      why: expect.stringContaining(why),
    })
    expect((failure as YardError).message).not.toContain('abcd')
  })
})

describe('a variable without a value', () => {
  test.each([
    ['GET {{base_url}}/{{x}}', ['x 1:20']],
    [
      'GET {{base_url}}/\n{{k}}: {{v}}\n[Query]\na: {{q}}\n[Cookies]\nc: {{c}}',
      ['k 2:3', 'v 2:10', 'q 4:6', 'c 6:6'],
    ],
    ['POST {{base_url}}/\n{"a": "{{s}}", "b": {{t}}}', ['s 2:10', 't 2:23']],
    ['POST {{base_url}}/\n```\n{{f}}\n```', ['f 3:3']],
    ['GET {{base_url}}/\n[Options]\nretry: {{n}}\nvariable: a={{b}}\n', ['n 3:10', 'b 4:15']],
    ['GET {{base_url}}/\n[Options]\nvariable: a=1\nHTTP 200\n[Asserts]\nbody == "{{a}}"', []],
    [
      'GET {{base_url}}/{{id}}\nHTTP 200\n[Captures]\nid: jsonpath "$.id"\nGET {{base_url}}/{{id}}',
      ['id 1:20'],
    ],
    [
      'GET {{base_url}}/\nHTTP 200\n[Captures]\nid: jsonpath "{{p}}" regex "{{r}}"\n[Asserts]\nbody == {{id}}',
      ['p 4:17', 'r 4:31'],
    ],
    ['GET {{base_url}}/{{newUuid}}?{{newDate}}', []],
    [
      'GET {{base_url}}/\nHTTP 200\n[Asserts]\nbody matches "{{m}}"\nbody replace "{{a}}" "{{b}}" contains {{c}}',
      ['m 4:17', 'a 5:17', 'b 5:25', 'c 5:41'],
    ],
  ])('in %j', (text, expected) => {
    const parsed = parseSmokeFile(text)
    if (!parsed.ok) throw new Error(parsed.problem.message)

    const unset = unsetVariables(parsed.file, ['base_url'])

    expect(unset.map(({name, position}) => `${name} ${position.line}:${position.column}`)).toEqual(expected)
  })
})
