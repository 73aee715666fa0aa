import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {LineSplitter} from '../../../src/domain/logs/line-splitter.js'

function split(chunks: readonly Buffer[], longestBytes?: number): string[] {
  const splitter = new LineSplitter(longestBytes)
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.flush()].map(String)
}

test('gives the same lines however the chunks are cut', () => {
  const lines = fc.array(
    fc.string({unit: 'grapheme'}).filter((line) => !/[\r\n]/.test(line)),
    {maxLength: 20},
  )
  fc.assert(
    fc.property(lines, fc.integer({min: 1, max: 9}), (expected, size) => {
      const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''))
      const chunks: Buffer[] = []
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
      expect(split(chunks)).toEqual(expected)
    }),
  )
})

test('gives the last line without an end, and no empty one after an end', () => {
  expect(split([Buffer.from('a\nb')])).toEqual(['a', 'b'])
  expect(split([Buffer.from('a\n')])).toEqual(['a'])
  expect(split([])).toEqual([])
})

test('drops the carriage return before a line end', () => {
  expect(split([Buffer.from('a\r'), Buffer.from('\nb\rc\n')])).toEqual(['a', 'b\rc'])
})

test('cuts a long line between characters and counts the rest', () => {
  expect(split([Buffer.from('abcdé'), Buffer.from('fgh\nnext\n')], 5)).toEqual([
    'abcd [5 more bytes cut]',
    'next',
  ])
  expect(split([Buffer.from('abcé-\n')], 5)).toEqual(['abcé [1 more bytes cut]'])
  expect(split([Buffer.from('x'.repeat(10))], 5)).toEqual(['xxxxx [5 more bytes cut]'])
})

test('keeps at most one long line in memory', () => {
  const splitter = new LineSplitter(100)
  for (let count = 0; count < 10_000; count++) expect(splitter.push(Buffer.alloc(1_000, 'x'))).toEqual([])
  expect(String(splitter.flush()[0])).toBe(`${'x'.repeat(100)} [9999900 more bytes cut]`)
})
