import {expect, test} from '@jest/globals'

import {Re2RegularExpressions} from '../../src/adapters/regex-re2/index.js'
import {tailRequest, type TailWords} from '../../src/lifecycle/tail-request.js'

const now = new Date('2026-11-20T12:00:00.000Z')
const usual: TailWords = {
  environment: 'local',
  service: undefined,
  release: undefined,
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
  expect(request({grep: 'a.c'})).toMatchObject({contains: 'a.c', matches: undefined})
  expect(request({grep: "it's; rm -rf x"})).toMatchObject({contains: "it's; rm -rf x"})
  expect(request({grep: '/a.c/'}).matches?.('xabcx')).toBe(true)
  expect(request({grep: '/A.C/'}).matches?.('abc')).toBe(false)
  expect(request({grep: '/A.C/i'}).matches?.('abc')).toBe(true)
  expect(request({grep: '/'})).toMatchObject({contains: '/', matches: undefined})
})

test('a release is one of the service, by its number or its name', () => {
  expect(request({})).toMatchObject({release: undefined})
  for (const release of ['42', 'r42', 'billing-r42'])
    expect(request({service: 'billing', release})).toMatchObject({release: 42})
  const refused = [
    {release: '42'},
    ...['orders-r42', '0', 'r', 'billing', '4e2', '-1', ''].map((release) => ({service: 'billing', release})),
  ]
  for (const words of refused)
    expect(() => request(words)).toThrow(expect.objectContaining({code: 'E_USAGE'}))
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
