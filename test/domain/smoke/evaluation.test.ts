import {createHash} from 'node:crypto'

import {describe, expect, test} from '@jest/globals'

import {P3JsonPath} from '../../../src/adapters/jsonpath-p3/index.js'
import {Re2RegularExpressions} from '../../../src/adapters/regex-re2/index.js'
import {type Answer} from '../../../src/domain/smoke/evaluation/answer.js'
import {checkAnswer} from '../../../src/domain/smoke/evaluation/check-answer.js'
import {type EvaluationTools} from '../../../src/domain/smoke/evaluation/tools.js'
import {described, type Value} from '../../../src/domain/smoke/evaluation/value.js'
import {parseSmokeFile} from '../../../src/domain/smoke/parse.js'

const document = {
  name: 'Bob',
  empty: '',
  count: 3,
  pi: 3.14,
  yes: true,
  nothing: null,
  items: ['a', 'b', 'c'],
  none: [],
  one: [7],
  object: {a: 1},
  blank: {},
  date: '2026-11-25T10:00:00.000Z',
  day: '2020-02-29',
  id: 'c8b4f0b4-7b6f-4f2c-9d6e-0e6b5f8a1c2d',
  v4: '10.0.0.1',
  v6: '2001:db8::1',
  url: 'https://mozilla.org/?x=шеллы&b=2',
  html: 'a > b & "c"',
  base64: 'PDw/Pz8+Pg==',
  json: '{"k": [1, 2]}',
  text: 'Hello Bob and Bab!',
}

describe('asserts that hold', () => {
  test.each([
    'status == 200',
    'version == "1.1"',
    'url == "http://a/b"',
    'duration == 12',
    'duration < 12.5',
    'header "X-One" == "1"',
    'header "x-ONE" == "1"',
    'header "Set-Cookie" count == 2',
    'header "Gone" not exists',
    'cookie "a" == "b"',
    'cookie "a[Value]" == "b"',
    'cookie "a[Path]" == "/p"',
    'cookie "a[Max-Age]" == 10',
    'cookie "a[Secure]" exists',
    'cookie "a[HttpOnly]" not exists',
    'cookie "{{cookie_name}}[SameSite]" == "Lax"',
    'jsonpath "$.name" == "Bob"',
    'jsonpath "$.name" == "{{name}}"',
    'jsonpath "$.name" == {{name}}',
    'jsonpath "$.name" == `Bob`',
    'jsonpath "$.name" != "Alice"',
    'jsonpath "$.name" not == "Alice"',
    'jsonpath "$.count" == 3',
    'jsonpath "$.count" == 3.0',
    'jsonpath "$.count" == {{count}}',
    'jsonpath "$.count" != "3"',
    'jsonpath "$.count" > 2',
    'jsonpath "$.count" >= 3',
    'jsonpath "$.count" < 3.5',
    'jsonpath "$.count" <= 3',
    'jsonpath "$.name" > "Alice"',
    'jsonpath "$.yes" == true',
    'jsonpath "$.nothing" == null',
    'jsonpath "$.nothing" exists',
    'jsonpath "$.gone" not exists',
    'jsonpath "$.gone" not == "x"',
    'jsonpath "$.items" count == 3',
    'jsonpath "$.items[*]" count == 3',
    'jsonpath "$.items" contains "b"',
    'jsonpath "$.items" not contains "z"',
    'jsonpath "$.items[?@ == \'b\']" == "b"',
    'jsonpath "$.items[?@ == \'z\']" not exists',
    'jsonpath "$.items[?match(@, \'[ab]\')]" count == 2',
    'jsonpath "$.one" contains 7',
    'jsonpath "$.name" startsWith "B"',
    'jsonpath "$.name" endsWith "ob"',
    'jsonpath "$.name" contains "o"',
    'jsonpath "$.name" matches /^B.b$/',
    'jsonpath "$.name" matches "^B\\\\w+$"',
    'jsonpath "$.name" not matches /(?i)^ALICE$/',
    'jsonpath "$.empty" isEmpty',
    'jsonpath "$.none" isEmpty',
    'jsonpath "$.blank" isEmpty',
    'jsonpath "$.items" not isEmpty',
    'jsonpath "$.count" isInteger',
    'jsonpath "$.count" not isFloat',
    'jsonpath "$.count" isNumber',
    'jsonpath "$.pi" isFloat',
    'jsonpath "$.yes" isBoolean',
    'jsonpath "$.name" isString',
    'jsonpath "$.items" isCollection',
    'jsonpath "$.items" isList',
    'jsonpath "$.object" isObject',
    'jsonpath "$.object" isCollection',
    'jsonpath "$.date" isIsoDate',
    'jsonpath "$.day" not isIsoDate',
    'jsonpath "$.id" isUuid',
    'jsonpath "$.v4" isIpv4',
    'jsonpath "$.v6" isIpv6',
    'jsonpath "$.v4" not isIpv6',
    'jsonpath "$.date" toDate "%+" isDate',
    'jsonpath "$.date" toDate "%+" daysAfterNow == 4',
    'jsonpath "$.day" toDate "%Y-%m-%d" dateFormat "%A %d %b %Y" == "Saturday 29 Feb 2020"',
    'jsonpath "$.day" toDate "%F" daysBeforeNow > 2000',
    'jsonpath "$.items" first == "a"',
    'jsonpath "$.items" last == "c"',
    'jsonpath "$.items" nth 1 == "b"',
    'jsonpath "$.items" nth -1 == "c"',
    'jsonpath "$.none" first not exists',
    'jsonpath "$.text" regex /Hello (\\w+)/ == "Bob"',
    'jsonpath "$.text" regex "B(.)b" == "o"',
    'jsonpath "$.text" regex /(z)/ not exists',
    'jsonpath "$.text" replace "o" "0" == "Hell0 B0b and Bab!"',
    'jsonpath "$.text" replace "Bob" "$&" == "Hello $& and Bab!"',
    'jsonpath "$.text" replaceRegex /B([oa])b/ "D${1}d" == "Hello Dod and Dad!"',
    'jsonpath "$.text" split " " count == 4',
    'jsonpath "$.day" split "-" nth 0 toInt == 2020',
    'jsonpath "$.pi" toString == "3.14"',
    'jsonpath "$.pi" toInt == 3',
    'jsonpath "$.count" toFloat isFloat',
    'jsonpath "$.url" urlEncode == "https%3A//mozilla.org/%3Fx%3D%D1%88%D0%B5%D0%BB%D0%BB%D1%8B%26b%3D2"',
    'jsonpath "$.url" urlEncode urlDecode == "https://mozilla.org/?x=шеллы&b=2"',
    'jsonpath "$.url" urlQueryParam "x" == "шеллы"',
    'jsonpath "$.url" urlQueryParam "y" not exists',
    'jsonpath "$.html" htmlEscape == "a &gt; b &amp; \\"c\\""',
    'jsonpath "$.html" htmlEscape htmlUnescape == "a > b & \\"c\\""',
    'jsonpath "$.base64" base64Decode == hex,3c3c3f3f3f3e3e;',
    'jsonpath "$.base64" base64Decode base64UrlSafeEncode == "PDw_Pz8-Pg"',
    'jsonpath "$.base64" base64Decode toHex == "3c3c3f3f3f3e3e"',
    'jsonpath "$.name" utf8Encode base64Encode == "Qm9i"',
    'jsonpath "$.json" jsonpath "$.k[1]" == 2',
    'jsonpath "$.object" jsonpath "$.a" == 1',
    'bytes startsWith hex,7b;',
    'bytes endsWith base64,fQ==;',
    'bytes contains hex,426f62;',
    'bytes decode "utf-8" contains "Bob"',
    'body contains "шеллы"',
    'regex /"count":(\\d+)/ == "3"',
    'variable "count" == 3',
    'variable "gone" not exists',
    'sha256 count == 32',
    'md5 count == 16',
  ])('%s', (assert) => {
    expect(failuresOf(assert)).toEqual([])
  })
})

describe('asserts that fail', () => {
  test.each([
    ['status == 201', 'integer <201>', 'integer <200>'],
    ['status not == 200', 'not integer <200>', 'integer <200>'],
    ['jsonpath "$.name" == 3', 'integer <3>', 'string <Bob>'],
    ['jsonpath "$.gone" == "x"', 'string <x>', 'none'],
    ['jsonpath "$.gone" != "x"', 'other than string <x>', 'none'],
    ['jsonpath "$.nothing" not exists', 'not something', 'null'],
    ['jsonpath "$.items" == "a"', 'string <a>', 'list <["a","b","c"]>'],
    ['jsonpath "$.object" isList', 'list', 'object <{"a":1}>'],
    ['jsonpath "$.count" contains "3"', 'contains string <3> (of another type)', 'integer <3>'],
    ['jsonpath "$.count" not contains "3"', 'not contains string <3> (of another type)', 'integer <3>'],
    ['jsonpath "$.count" > "2"', 'greater than string <2> (of another type)', 'integer <3>'],
    ['jsonpath "$.count" matches /3/', 'matches regex <3> (of another type)', 'integer <3>'],
    ['jsonpath "$.name" matches /^b/', 'matches regex <^b>', 'string <Bob>'],
    ['jsonpath "$.gone" count == 0', 'a value for the filter count', 'none'],
    ['jsonpath "$.one[*]" count == 1', 'list or bytes for the filter count', 'integer <7>'],
    ['jsonpath "$.items" nth 9 == "a"', 'an item at 9', 'a list of 3'],
    ['jsonpath "$.name" toInt == 1', 'number or the text of one for the filter toInt', 'string <Bob>'],
    ['jsonpath "$.name" base64Decode exists', 'base64 text for the filter base64Decode', 'string <Bob!>'],
    ['jsonpath "$.day" toDate "%d/%m/%Y" exists', 'a date in the format <%d/%m/%Y>', '<2020-02-29>'],
    ['jsonpath "$.day" toDate "%Q" exists', 'a date format that yard knows', '<%Q>'],
    ['jsonpath "$.name" == {{gone}}', 'a value for {{gone}}', 'the variable is not set'],
    ['jsonpath "$.name" == "{{list}}"', '{{list}} to be text, a number or a boolean', 'list <[1]>'],
    ['bytes decode "klingon" exists', 'text in a known character set', 'character set <klingon>'],
  ])('%s', (assert, wanted, actual) => {
    const changed = assert.includes('base64Decode exists') ? assert.replace('$.name', '$.bang') : assert

    expect(failuresOf(changed)).toEqual([{expected: wanted, actual}])
  })

  test.each(['jsonpath "$.x-y" exists', 'jsonpath "name" exists', 'jsonpath "$[" exists'])(
    '%s is no path',
    (assert) => {
      expect(failuresOf(assert)).toMatchObject([
        {expected: expect.stringMatching(/^a JSONPath \(RFC 9535\) instead of </)},
      ])
    },
  )
})

describe('a number too large for JavaScript', () => {
  const body = Buffer.from(
    '{"id": 9007199254740993, "s": "9007199254740993 \\" 9007199254740995", "f": 0.12345678901234567, "l": [9007199254740993]}',
  )

  test.each([
    'jsonpath "$.id" == 9007199254740993',
    'jsonpath "$.id" != 9007199254740992',
    'jsonpath "$.id" > 9007199254740992',
    'jsonpath "$.id" isInteger',
    'jsonpath "$.id" toString == "9007199254740993"',
    'jsonpath "$.id" toString toInt == 9007199254740993',
    'jsonpath "$.s" == "9007199254740993 \\" 9007199254740995"',
    'jsonpath "$.f" isFloat',
    'jsonpath "$.l" contains 9007199254740993',
  ])('keeps its digits: %s', (assert) => {
    expect(failuresOf(assert, {body})).toEqual([])
  })

  test('is shown with them', () => {
    expect(failuresOf('jsonpath "$.l" isString', {body})).toEqual([
      {expected: 'string', actual: 'list <[9007199254740993]>'},
    ])
  })
})

describe('a body', () => {
  test('is read in the character set it names', () => {
    expect(
      failuresOf('body == "é"', {body: Buffer.from([0xe9]), type: 'text/plain; charset=ISO-8859-1'}),
    ).toEqual([])
    expect(failuresOf('body == "é"', {body: Buffer.from([0xe9]), type: 'text/plain'})).toEqual([
      {expected: 'text in utf-8', actual: "1 bytes that aren't"},
    ])
  })
})

test('a pattern that would explode elsewhere is over in time', () => {
  const body = Buffer.from(JSON.stringify({t: `${'a'.repeat(50_000)}!`}))

  expect(failuresOf('jsonpath "$.t" not matches /^(a+)+$/', {body})).toEqual([])
  expect(failuresOf('jsonpath "$[?match(@, \'(a+)+\')]" not exists', {body})).toEqual([])
  expect(failuresOf('jsonpath "$[?search(@, \'^(a+)+$\')]" not exists', {body})).toEqual([])
})

const tools: EvaluationTools = {
  jsonPath: new P3JsonPath(new Re2RegularExpressions()),
  regularExpressions: new Re2RegularExpressions(),
  digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  now: () => new Date('2026-11-20T12:00:00Z'),
  newUuid: () => 'c8b4f0b4-7b6f-4f2c-9d6e-0e6b5f8a1c2d',
}

const variables = new Map<string, Value>([
  ['name', {kind: 'string', value: 'Bob'}],
  ['count', {kind: 'integer', value: 3}],
  ['cookie_name', {kind: 'string', value: 'a'}],
  ['list', {kind: 'list', items: [{kind: 'integer', value: 1}]}],
])

function failuresOf(assert: string, response: {body?: Uint8Array; type?: string} = {}) {
  const parsed = parseSmokeFile(`GET http://a/\nHTTP *\n[Asserts]\n${assert}`)
  if (!parsed.ok) throw new Error(parsed.problem.message)
  const expected = parsed.file.entries[0]?.response
  if (expected === undefined) throw new Error('no response')
  const answer: Answer = {
    status: 200,
    version: '1.1',
    headers: [
      ['X-One', '1'],
      ['Set-Cookie', 'a=b; Path=/p; Max-Age=10; Secure; SameSite=Lax'],
      ['Set-Cookie', 'c=d'],
      ['Content-Type', response.type ?? 'application/json'],
    ],
    body: response.body ?? Buffer.from(JSON.stringify({...document, bang: 'Bob!'})),
    millis: 12.3,
    url: 'http://a/b',
  }
  return checkAnswer(expected, answer, {variables, tools}).failures.map(({expected: wanted, actual}) => ({
    expected: wanted,
    actual,
  }))
}

test('values are described with their types', () => {
  expect(described({kind: 'bytes', value: new Uint8Array([1, 255])})).toBe('bytes <01ff>')
  expect(described({kind: 'flag'})).toBe('present')
  expect(described({kind: 'date', value: 0})).toBe('date <1970-01-01T00:00:00.000000Z>')
})
