import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseTokenText, secretDigest, tokenText} from '../../src/domain/token-text.js'

const bytes = (length: number) => fc.uint8Array({minLength: length, maxLength: length})

test('any token reads back as it was written', () => {
  const property = fc.property(bytes(8), bytes(32), (id, secret) => {
    expect(parseTokenText(tokenText(id, secret))).toEqual({
      id: Buffer.from(id).toString('hex'),
      secret: Buffer.from(secret).toString('base64url'),
    })
  })
  fc.assert(property)
})

test.each([
  '',
  'yard_',
  'yard_0123456789abcdef',
  `yard_0123456789ABCDEF_${'a'.repeat(43)}`,
  `x_${'a'.repeat(60)}`,
])('%j is no token', (text) => {
  expect(parseTokenText(text)).toBeUndefined()
})

test('what is kept of a secret is its SHA-256', () => {
  expect(secretDigest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
