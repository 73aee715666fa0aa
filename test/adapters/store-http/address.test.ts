import {expect, test} from '@jest/globals'

import {serverAddress, usableToken} from '../../../src/adapters/store-http/address.js'
import {failureOf} from '../../fakes/failure-of.js'

test.each([
  'http://127.0.0.1:7600',
  'http://localhost:7600/',
  'http://yard.localhost',
  'http://[::1]:7600',
  'https://yard.example.org',
  'https://10.0.0.1/below',
])('a token goes to %s', (url) => {
  expect(serverAddress(url, 'yard_x').href).toContain(url)
})

test.each([
  'http://yard.example.org',
  'http://10.0.0.1:7600',
  'http://127.0.0.1.nip.io',
  'http://localhost.evil.test',
  'http://[fe80::1]',
  'http://0.0.0.0:7600',
])('a token does not go to %s, where others could read it', async (url) => {
  const {code, next} = await failureOf(() => serverAddress(url, 'yard_x'))

  expect(code).toBe('E_CATALOG_URL')
  expect(next[0]).toContain(url.replace('http:', 'https:'))
  expect(serverAddress(url, undefined).protocol).toBe('http:')
})

test.each(['ftp://a', 'https://', 'https://user:password@a', 'https://a?b=c', 'https://a#b', 'billing'])(
  '%s is the address of no catalog',
  async (url) => {
    const failure = await failureOf(() => serverAddress(url, undefined))

    expect(failure.code).toBe('E_CATALOG_URL')
    expect(failure.message).not.toContain('password@')
  },
)

test.each(['a b', 'a\r\nHost: evil', '', 'é'])(
  'the token %j is refused without being shown',
  async (token) => {
    const failure = await failureOf(() => usableToken(token))

    expect(failure.code).toBe('E_CATALOG_AUTH')
    expect(failure.message).not.toContain('evil')
  },
)
