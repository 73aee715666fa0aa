import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {
  parsePublicName,
  publicHostPattern,
  publicName,
  publicPathPattern,
} from '../../src/domain/public-route.js'

function named(typed: string): string {
  const parsed = parsePublicName(typed)
  return 'name' in parsed ? publicName(parsed.name) : `refused: ${parsed.instead ?? '-'}`
}

describe('a public name', () => {
  test.each([
    ['billing.example.org', 'billing.example.org'],
    ['Billing.EXAMPLE.org', 'billing.example.org'],
    ['billing.example.org.', 'billing.example.org'],
    ['billing.example.org/', 'billing.example.org'],
    ['example.org/api/v1', 'example.org/api/v1'],
    ['example.org/Api/', 'example.org/Api'],
    ['example.org./api', 'example.org/api'],
    ['münchen.example.org', 'xn--mnchen-3ya.example.org'],
    ['MÜNCHEN.example.org/api', 'xn--mnchen-3ya.example.org/api'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['1.example.org', '1.example.org'],
    [`${'a'.repeat(63)}.example.org`, `${'a'.repeat(63)}.example.org`],
  ])('%s is %s', (typed, expected) => {
    expect(named(typed)).toBe(expected)
  })

  test.each([
    ['https://billing.example.org/api', 'billing.example.org/api'],
    ['HTTP://Billing.example.org', 'billing.example.org'],
    ['billing.example.org:8443/api', 'billing.example.org/api'],
    ['https://billing.example.org:8443/', 'billing.example.org'],
    ['https://10.0.0.1/', 'refused'],
    ['ada@billing.example.org', 'billing.example.org'],
    ['billing.example.org/api?x=1', 'billing.example.org/api'],
    ['billing.example.org#top', 'billing.example.org'],
  ])('%s is refused, and what to write instead is told', (typed, instead) => {
    const parsed = parsePublicName(typed)
    expect('name' in parsed).toBe(false)
    expect('instead' in parsed ? parsed.instead : 'refused').toBe(instead)
  })

  test.each([
    '',
    '/',
    '.',
    '..',
    'localhost',
    'billing',
    '*.example.org',
    '10.0.0.1',
    '10.0.0.1/api',
    '１２７.0.0.1',
    '[::1]',
    '::1',
    'example.123',
    'a..example.org',
    '-a.example.org',
    'a-.example.org',
    'a_b.example.org',
    `${'a'.repeat(64)}.example.org`,
    `${'a.'.repeat(130)}org`,
    'exa mple.org',
    'example.org\n  bind *:80',
    'exam\u00adple.org',
    'example\u200b.org',
    'example.org/../etc',
    'example.org/./a',
    'example.org//a',
    'example.org/%2e%2e',
    'example.org/a b',
    'example.org\\a',
    `example.org/${'a'.repeat(101)}`,
    `example.org${'/a'.repeat(11)}`,
    'example.org/api{x}',
    "example.org/'",
    'example.org/ä',
    'xn--a.example.org\0',
  ])('%j is refused', (typed) => {
    expect(named(typed)).toBe('refused: -')
  })

  test.each(['10.0.0.1', '[::1]', 'fe80::1'])('%s is told to be an address', (typed) => {
    const parsed = parsePublicName(typed)
    expect(parsed).toEqual({why: 'it is an address, and a public name is a name'})
  })

  test('is, whatever was typed, made of nothing that means something to HAProxy, and stable', () => {
    const typed = fc.oneof(
      fc.string({unit: 'binary', maxLength: 40}),
      fc.webUrl(),
      fc.domain(),
      fc.tuple(fc.domain(), fc.string({maxLength: 10})).map((parts) => parts.join('/')),
    )
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parsePublicName(text)
        if (!('name' in parsed)) return
        expect(parsed.name.host).toMatch(publicHostPattern)
        expect(parsed.name.path).toMatch(publicPathPattern)
        expect(parsePublicName(publicName(parsed.name))).toEqual(parsed)
      }),
      {numRuns: 1_000},
    )
  })
})
