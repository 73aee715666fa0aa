import {describe, expect, test} from '@jest/globals'

import {P3JsonPath} from '../../../src/adapters/jsonpath-p3/index.js'
import {Re2RegularExpressions} from '../../../src/adapters/regex-re2/index.js'
import {JsonPathFault} from '../../../src/contracts/json-path.js'

const jsonPath = new P3JsonPath(new Re2RegularExpressions())

// The shapes that RFC 9535 describes, one for each rule of its grammar.
describe('selects', () => {
  test.each([
    ['$', {a: 1}, [{a: 1}]],
    ['$.a', {a: 1}, [1]],
    ["$['a b']", {'a b': 1}, [1]],
    ['$["x-y"]', {'x-y': 1}, [1]],
    ["$['\\u0061']", {a: 1}, [1]],
    ['$.gone', {a: 1}, []],
    ['$[0]', ['a', 'b'], ['a']],
    ['$[-1]', ['a', 'b'], ['b']],
    ['$[5]', ['a'], []],
    ['$[*]', {a: 1, b: 2}, [1, 2]],
    ['$.*', [1, 2], [1, 2]],
    ['$[1:3]', [0, 1, 2, 3], [1, 2]],
    ['$[::-1]', [0, 1, 2], [2, 1, 0]],
    ['$[0,2,0]', [0, 1, 2], [0, 2, 0]],
    ['$..a', {a: 1, b: {a: 2}, c: [{a: 3}]}, [1, 2, 3]],
    ['$[?@.a]', [{a: null}, {b: 1}], [{a: null}]],
    ['$[?@.a == 1]', [{a: 1}, {a: '1'}], [{a: 1}]],
    ['$[?@.a == @.b]', [{}, {a: 1, b: 1}, {a: 1}], [{}, {a: 1, b: 1}]],
    ['$[?@ > 1 && @ <= 3 || @ == 9]', [1, 2, 3, 9], [2, 3, 9]],
    ['$[?!(@.a)]', [{a: 1}, {b: 2}], [{b: 2}]],
    ['$[?@.a == $[0].a]', [{a: 1}, {a: 1}, {a: 2}], [{a: 1}, {a: 1}]],
    ['$[?length(@) == 2]', ['ab', 'abc', [1, 2]], ['ab', [1, 2]]],
    ['$[?count(@.*) == 1]', [[1], [1, 2]], [[1]]],
    ["$[?value(@.a) == 'x']", [{a: 'x'}], [{a: 'x'}]],
    ["$[?match(@, 'a.b')]", ['axb', 'axxb', 'a\nb', 'zaxb'], ['axb']],
    ["$[?match(@, '[.]')]", ['.', 'x'], ['.']],
    ["$[?match(@, '\\\\p{Lu}')]", ['A', 'a'], ['A']],
    ["$[?search(@, 'b')]", ['abc', 'xyz', 1], ['abc']],
    ["$[?match(@, '(')]", ['('], []],
    ["$[?match(@, '\\\\d')]", ['1'], []],
  ])('%s', (path, document, found) => {
    expect(jsonPath.select(path, document)).toEqual(found)
  })
})

describe('refuses', () => {
  test.each([
    '',
    'a',
    '$.',
    '$[',
    '$.a ',
    ' $.a',
    '$.x-y',
    '$[01]',
    "$['a",
    '$[?@.a = 1]',
    '$[?@.a == 1',
    '$[?(@.length-1)]',
    '$[(@.length)]',
    '$.a.length()',
    '$[?@.*==1]',
    '$[?nope(@)]',
    '$[?length(@)]',
    '$..',
    '$...a',
    '$[?@.a == {}]',
    '$[9007199254740993]',
  ])('%s', (path) => {
    expect(() => jsonPath.select(path, {a: [1]})).toThrow(JsonPathFault)
  })
})

test('a pattern that would explode elsewhere is over in time', () => {
  expect(jsonPath.select("$[?match(@, '(a+)+')]", [`${'a'.repeat(50_000)}!`])).toEqual([])
})
