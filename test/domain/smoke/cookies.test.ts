import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {CookieJar, parseSetCookie} from '../../../src/domain/smoke/cookies.js'

const now = Date.parse('2026-11-20T12:00:00Z')
const home = 'http://www.shop.example/a/b'

describe('a cookie', () => {
  test.each([
    ['a=b', home, ['a=b']],
    ['a=b', 'http://www.shop.example/a/c', ['a=b']],
    ['a=b', 'http://www.shop.example/', []],
    ['a=b', 'http://shop.example/a/b', []],
    ['a=b; Path=/', 'http://www.shop.example/', ['a=b']],
    ['a=b; Path=/x', home, []],
    ['a=b; Path=/x', 'http://www.shop.example/xy', []],
    ['a=b; Path=/x', 'http://www.shop.example/x/y', ['a=b']],
    ['a=b; Domain=shop.example; Path=/', 'http://other.shop.example/', ['a=b']],
    ['a=b; Domain=.shop.example; Path=/', 'http://shop.example/', ['a=b']],
    ['a=b; Domain=evil.example', home, []],
    ['a=b; Domain=example', home, []],
    ['a=b; Domain=op.example', home, []],
    ['a=b; Secure', home, []],
    ['a=b; Secure', home.replace('http:', 'https:'), ['a=b']],
    ['a=b; Max-Age=1', home, ['a=b']],
    ['a=b; Max-Age=0', home, []],
    ['a=b; Max-Age=-1', home, []],
    ['a=b; Expires=Wed, 21 Oct 2015 07:28:00 GMT', home, []],
    ['a=b; Expires=Wed, 21 Oct 2099 07:28:00 GMT', home, ['a=b']],
    ['a=b; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=9', home, ['a=b']],
    ['a="b c"; HttpOnly', home, ['a="b c"']],
    ['a=', home, ['a=']],
    ['=b', home, []],
    ['nonsense', home, []],
  ])('%j goes to %s as %j', (header, url, pairs) => {
    const jar = new CookieJar()

    jar.store(new URL(home), [header], now)

    expect(jar.pairsFor(new URL(url), now)).toEqual(pairs)
  })

  test('is replaced by one of the same name and path, removed by an old one, and forgotten in time', () => {
    const jar = new CookieJar()
    const url = new URL(home)

    jar.store(url, ['a=1; Max-Age=10', 'b=1', 'a=2; Max-Age=10', 'a=3; Path=/'], now)
    expect(jar.pairsFor(url, now)).toEqual(['b=1', 'a=2', 'a=3'])

    jar.store(url, ['b=; Max-Age=0'], now)
    expect(jar.pairsFor(url, now + 10_001)).toEqual(['a=3'])
  })
})

test('any header is a cookie or none', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), (header) => {
      expect(() => new CookieJar().store(new URL(home), [header], now)).not.toThrow()
    }),
  )
})

test('attributes keep their values, names in any case', () => {
  expect(parseSetCookie('a=b=c; PATH = /x ;secure')).toEqual({
    name: 'a',
    value: 'b=c',
    attributes: new Map([
      ['path', '/x'],
      ['secure', ''],
    ]),
  })
})
