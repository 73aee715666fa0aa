import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {Redactor} from '../../../src/domain/smoke/secrets.js'

const secrets = [
  'hun"ter2é&x',
  'a%2Fb c/d+e',
  'pässwörd😀',
  'line one\nline two',
  'abcd',
  "it's\\tricky\t<b>",
]

const spellings: Record<string, (secret: string) => string> = {
  raw: (secret) => secret,
  'in quotes for JSON': (secret) => JSON.stringify(secret),
  'in JSON in JSON': (secret) => JSON.stringify(JSON.stringify(secret)),
  'escaped for JSON in ASCII': (secret) => JSON.stringify(secret).replace(/[\u0080-\uffff]/g, unicodeEscape),
  'percent-encoded': (secret) => encodeURIComponent(secret),
  'percent-encoded in lower case': (secret) =>
    encodeURIComponent(secret).replace(/%[0-9A-F]{2}/g, (it) => it.toLowerCase()),
  'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'as a form': (secret) => new URLSearchParams({a: secret}).toString().slice(2),
  'in an address': (secret) => new URL(`http://a/?q=${encodeURIComponent(secret)}`).search,
  'escaped for HTML': (secret) =>
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  'as a header': (secret) => Buffer.from(secret).toString('latin1'),
  'in base64': (secret) => Buffer.from(secret).toString('base64'),
  'in URL-safe base64': (secret) => Buffer.from(secret).toString('base64url'),
  'in base64 behind a user': (secret) => Buffer.from(`alice:${secret}`).toString('base64'),
  'in base64 behind a longer user': (secret) => Buffer.from(`alice2:${secret}`).toString('base64'),
  'in base64 behind the longest user': (secret) => Buffer.from(`alice22:${secret}`).toString('base64'),
  'in base64 with more behind': (secret) => Buffer.from(`{"k":"${secret}","n":1}`).toString('base64'),
  'in percent-encoded base64': (secret) =>
    encodeURIComponent(Buffer.from(`bob:${secret}`).toString('base64')),
}

describe.each(secrets)('the secret %j', (secret) => {
  test.each(Object.entries(spellings))('is hidden %s', (_, spell) => {
    const spelled = spell(secret)

    const redacted = new Redactor([secret]).redact(`before ${spelled} after`)

    expect(redacted).toMatch(/^before .*\*\*\*.* after$/)
    expect(redacted).not.toContain(spelled)
    expect(redacted.length).toBeLessThan('before *** after'.length + 8)
  })
})

test('text without a secret stays as it is', () => {
  const redactor = new Redactor(secrets)

  fc.assert(
    fc.property(
      fc.string({unit: fc.constantFrom(...Array.from('01 xyz{}[]:,.-')), maxLength: 200}),
      (text) => {
        expect(redactor.redact(text)).toBe(text)
        expect(redactor.holdsSecret(text)).toBe(false)
      },
    ),
  )
})

test('any secret of four characters or more is hidden wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.string({minLength: 4, maxLength: 20}),
      fc.string(),
      fc.string(),
      (secret, before, after) => {
        expect(new Redactor([secret]).redact(before + secret + after)).not.toContain(secret)
      },
    ),
  )
})

test('a shorter value is left alone, as hiding it would hide everything', () => {
  expect(new Redactor(['abc']).redact('abc')).toBe('abc')
})

test('every text in plain data is redacted, numbers and the rest stay', () => {
  const value = {a: ['abcd', 1, undefined], b: {c: 'x abcd'}, d: null, e: true}

  expect(new Redactor(['abcd']).redactAll(value)).toEqual({
    a: ['***', 1, undefined],
    b: {c: 'x ***'},
    d: null,
    e: true,
  })
})

// Quadratic work on this much text would take an hour, so that the test ends at all is the proof.
test.each(['a', '%', '\\', 'QUJD', '&#0'])(
  'two megabytes of %j are looked through, and kept as they are',
  (unit) => {
    const text = unit.repeat(2_000_000 / unit.length)

    const redacted = new Redactor(['secret-value', 'aaaa\\bbbb', '%%%%5', '&#000x']).redact(text)

    expect(redacted === text).toBe(true)
  },
)

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
