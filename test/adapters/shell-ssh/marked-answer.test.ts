import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {MarkedAnswer} from '../../../src/adapters/shell-ssh/marked-answer.js'

const mark = 'yard-0123456789abcdef'

describe('what a command writes in a shell with others', () => {
  test('ends with the mark, in whatever pieces it comes', async () => {
    const text = fc.string({unit: 'binary', maxLength: 60}).map((each) => Buffer.from(each))
    const cuts = fc.array(fc.nat({max: 120}), {maxLength: 6})
    await fc.assert(
      fc.asyncProperty(text, text, cuts, fc.integer({min: 0, max: 255}), async (out, err, at, code) => {
        const answer = new MarkedAnswer(mark)
        for (const piece of cut(Buffer.concat([out, ending(code)]), at)) answer.output.add(piece)
        for (const piece of cut(Buffer.concat([err, ending(code)]), at)) answer.errors.add(piece)

        expect(await answer.code).toBe(code)
        expect([answer.output.text(), answer.errors.text()]).toEqual([out.toString(), err.toString()])
      }),
      {numRuns: 200},
    )
  })

  test('has not ended before both streams have, and what looks like another mark ends neither', async () => {
    const answer = new MarkedAnswer(mark)
    answer.output.add(Buffer.concat([Buffer.from('\nyard-0123456789abcdee 0\n'), ending(3)]))
    answer.errors.add(Buffer.from(`${mark} 0\n\n${mark}x 0\n`))
    expect(await Promise.race([answer.code, Promise.resolve('not yet')])).toBe('not yet')

    answer.errors.add(ending(3))
    expect(await answer.code).toBe(3)
    expect(answer.output.text()).toBe('\nyard-0123456789abcdee 0\n')
  })

  test('that is more than can be held is given up', async () => {
    const answer = new MarkedAnswer(mark)
    for (let times = 0; times < 65; times += 1) answer.output.add(Buffer.alloc(1024 ** 2, 'x'))

    expect(await answer.code).toBe('too-long')
  })
})

function ending(code: number): Buffer {
  return Buffer.from(`\n${mark} ${code}\n`)
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...[...at].sort((one, other) => one - other), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}
