import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {isAtLeast, levelNumbered, levelOfText} from '../../../src/domain/logs/level.js'
import {peopleLine} from '../../../src/domain/logs/people-line.js'
import {contentOf} from '../../../src/domain/logs/structured-line.js'

describe('a JSON line', () => {
  test('of pino becomes a message and fields', () => {
    const text =
      '{"level":30,"time":1763666100123,"pid":9,"hostname":"x","reqId":"req-1","req":{"method":"GET","url":"/a b"},"res":{"statusCode":200},"responseTime":1.5,"msg":"request completed"}'
    const content = contentOf(text)
    expect(content).toMatchObject({level: 'info', message: 'request completed'})
    expect(content.fields).not.toHaveProperty('time')
    expect(peopleLine(content).text).toBe(
      'request completed reqId=req-1 req.method=GET req.url="/a b" res.statusCode=200 responseTime=1.5',
    )
  })

  test('with words for levels and other keys is understood, too', () => {
    expect(contentOf('{"severity":"WARNING","message":"slow","timestamp":"2026-11-20T19:15:00Z"}')).toEqual({
      level: 'warn',
      message: 'slow',
      fields: {},
    })
  })

  test('shows the stack of an error below', () => {
    const err = {
      type: 'TypeError',
      message: 'x is undefined',
      stack: 'TypeError: x\n    at a (b.js:1:2)\n    at c',
    }
    const line = peopleLine(contentOf(JSON.stringify({level: 50, msg: 'boom', err})))
    expect(line).toEqual({
      text: 'boom err.type=TypeError err.message="x is undefined"',
      stack: ['    at a (b.js:1:2)', '    at c'],
    })
  })

  test('without level and message is shown as its fields', () => {
    expect(peopleLine(contentOf('{"a":1,"time":5}')).text).toBe('a=1 time=5')
  })

  test('keeps a field called __proto__ as a field', () => {
    const {fields} = contentOf('{"level":30,"msg":"x","__proto__":{"polluted":true}}')
    expect(Object.keys(fields ?? {})).toEqual(['__proto__'])
    expect(({} as {polluted?: boolean}).polluted).toBeUndefined()
  })
})

test.each([
  ['WARN slow query', 'warn'],
  ['2026-11-20 19:15:00 ERROR boom', 'error'],
  ['[error] boom', 'error'],
  ['warning: deprecated', 'warn'],
  ['level=debug msg=x', 'debug'],
  ['time=… level="fatal"', 'fatal'],
  ['an error page was shown', undefined],
  ['Information desk', undefined],
  ['', undefined],
])('finds the level of %j', (text, level) => {
  expect(levelOfText(text)).toBe(level)
})

test('numbers between two levels belong to the lower one', () => {
  expect([9, 10, 35, 50, 60, 99, Number.NaN].map(levelNumbered)).toEqual([
    undefined,
    'trace',
    'info',
    'error',
    'fatal',
    'fatal',
    undefined,
  ])
  expect(isAtLeast(undefined, 'trace')).toBe(false)
})

test('any line can be shown', () => {
  const line = fc.oneof(
    fc.string({unit: 'binary'}),
    fc.json(),
    fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
  )
  fc.assert(fc.property(line, (text) => typeof peopleLine(contentOf(text)).text === 'string'))
})
