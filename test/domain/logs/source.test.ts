import {expect, test} from '@jest/globals'

import {rotatedPartName, rotatedPartNumber} from '../../../src/domain/logs/parts.js'
import {hasLabels, parseSource} from '../../../src/domain/logs/source.js'

test('a source file is not trusted', () => {
  const source = {id: 'hello-r1@localhost', labels: {service: 'hello'}}
  expect(parseSource(JSON.stringify(source))).toEqual(source)
  for (const text of ['', '{', 'null', '[]', '{"id":"../x","labels":{}}', '{"id":"a","labels":{"a":1}}']) {
    expect(parseSource(text)).toBeUndefined()
  }
})

test('all wanted labels must be there', () => {
  expect(hasLabels({a: '1', b: '2'}, {a: '1'})).toBe(true)
  expect(hasLabels({a: '1'}, {a: '1', b: '2'})).toBe(false)
  expect(hasLabels({}, {})).toBe(true)
})

test('names of parts carry their number', () => {
  expect(rotatedPartName(42)).toBe('000042.log')
  expect(rotatedPartNumber('000042.log')).toBe(42)
  expect(rotatedPartNumber(rotatedPartName(12_345_678))).toBe(12_345_678)
  for (const name of ['current.log', '42.log', '000042.log.1', 'keeper-errors.log'])
    expect(rotatedPartNumber(name)).toBeUndefined()
})
