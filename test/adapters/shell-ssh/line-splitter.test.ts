import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {LineSplitter} from '../../../src/adapters/shell-ssh/line-splitter.js'

test('lines come out as they went in, wherever the bytes were cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({unit: 'grapheme'}).filter((line) => !line.includes('\n'))),
      fc.infiniteStream(fc.integer({min: 1, max: 7})),
      (lines, lengths) => {
        const told: string[] = []
        const splitter = new LineSplitter((line) => void told.push(line))
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        for (let from = 0; from < bytes.length;) {
          const length = lengths.next().value as number
          void splitter.add(bytes.subarray(from, from + length))
          from += length
        }
        void splitter.end()
        expect(told).toEqual(lines)
      },
    ),
  )
})

test('the next line is told when the one before was taken', async () => {
  const told: string[] = []
  const splitter = new LineSplitter(async (line) => {
    told.push(`${line} begins`)
    await Promise.resolve()
    told.push(`${line} ends`)
  })

  await splitter.add(Buffer.from('a\nb\nc'))
  await splitter.end()

  expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('a line without an end comes in pieces', () => {
  let length = 0
  const splitter = new LineSplitter((line) => void (length += line.length))

  for (let count = 0; count < 50; count += 1) void splitter.add(Buffer.alloc(100_000, 'x'))

  expect(length).toBeGreaterThan(3_000_000)
  void splitter.end()
  expect(length).toBe(5_000_000)
})
