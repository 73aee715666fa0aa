import {expect, test} from '@jest/globals'

import {Re2RegularExpressions} from '../../src/adapters/regex-re2/index.js'
import {tailRequest, type TailWords} from '../../src/lifecycle/tail-request.js'

const now = new Date('2026-11-20T12:00:00.000Z')
const usual: TailWords = {
  environment: 'local',
  service: undefined,
  all: false,
  since: undefined,
  lines: undefined,
  follow: true,
  grep: undefined,
  level: undefined,
}

function request(change: Partial<TailWords>) {
  return tailRequest({...usual, ...change}, now, new Re2RegularExpressions())
}

test('starts with 50 lines, or with all since a time', () => {
  expect(request({})).toMatchObject({lines: 50, since: undefined})
  expect(request({since: '1h'})).toMatchObject({lines: undefined, since: now.getTime() - 3_600_000})
  expect(request({since: '1h', lines: 3})).toMatchObject({lines: 3})
})

test('finds text as it is, and patterns between slashes', () => {
  expect(request({grep: 'a.c'}).matches?.('abc')).toBe(false)
  expect(request({grep: '/a.c/'}).matches?.('xabcx')).toBe(true)
  expect(request({grep: '/A.C/'}).matches?.('abc')).toBe(false)
  expect(request({grep: '/A.C/i'}).matches?.('abc')).toBe(true)
  expect(request({grep: '/'}).matches?.('a/b')).toBe(true)
})

test('a pattern cannot make it hang', () => {
  const before = Date.now()
  expect(request({grep: '/(a+)+$/'}).matches?.(`${'a'.repeat(50_000)}b`)).toBe(false)
  expect(Date.now() - before).toBeLessThan(5_000)
})

test('says what is wrong before anything is read', () => {
  expect(() => request({since: 'yesterday'})).toThrow(expect.objectContaining({code: 'E_USAGE'}))
  expect(() => request({grep: '/(/'})).toThrow(expect.objectContaining({code: 'E_USAGE'}))
})
