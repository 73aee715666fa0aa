import {PassThrough} from 'node:stream'
import {expect, test} from '@jest/globals'

import {writeLines} from '../../src/terminal/log-stream.js'

async function* counted(count: number, onNext: (number: number) => void): AsyncIterable<string> {
  for (let number = 1; number <= count; number++) {
    onNext(number)
    yield `line ${number}`
  }
}

test('writes each line with its end', async () => {
  const output = new PassThrough()
  await writeLines(
    counted(2, () => undefined),
    output,
    () => undefined,
  )
  expect(String(output.read())).toBe('line 1\nline 2\n')
})

test('asks for no more lines while the reader is slow', async () => {
  const output = new PassThrough({highWaterMark: 50})
  let asked = 0
  const written = writeLines(
    counted(1_000, (number) => (asked = number)),
    output,
    () => undefined,
  )
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toBeLessThan(20)

  let heard = ''
  output.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  await written
  expect(heard.trimEnd().split('\n')).toHaveLength(1_000)
})

test('stops quietly when the reader is gone', async () => {
  const output = new PassThrough({highWaterMark: 50})
  let stops = 0
  const written = writeLines(
    counted(1_000, () => undefined),
    output,
    () => stops++,
  )
  output.destroy(Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}))
  await written
  expect(stops).toBeGreaterThan(0)
})
