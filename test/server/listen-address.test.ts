import {expect, test} from '@jest/globals'

import {isLocalHost} from '../../src/server/host-check.js'
import {checkListenAddress, isLoopback, parseListenAddress} from '../../src/server/listen-address.js'
import {failureOf} from '../fakes/failure-of.js'

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
  '%s is reached from this machine only',
  (address) => {
    expect(isLoopback(address)).toBe(true)
  },
)

test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'fe80::1', '::ffff:10.0.0.1'])(
  '%s is reached from others',
  (address) => {
    expect(isLoopback(address)).toBe(false)
  },
)

test('a name is listened on as the address that it means', async () => {
  const at = await parseListenAddress('localhost:7600')

  expect(at).toMatchObject({host: 'localhost', port: 7600, isLoopback: true})
  expect(isLoopback(at.address)).toBe(true)
})

test('a name that means nothing is refused', async () => {
  expect((await failureOf(parseListenAddress('nowhere.invalid:7600'))).code).toBe('E_LISTEN')
})

test('elsewhere than on loopback it takes TLS or a proxy', async () => {
  const at = await parseListenAddress('0.0.0.0:7600')

  expect((await failureOf(() => checkListenAddress(at, false))).code).toBe('E_LISTEN')
  expect(() => checkListenAddress(at, true)).not.toThrow()
})

test.each([
  ['localhost', true],
  ['LOCALHOST:7600', true],
  ['billing.localhost:7600', true],
  ['127.0.0.1:1', true],
  ['[::1]:7600', true],
  ['', false],
  ['localhost.', false],
  ['localhost:7600.evil.test', false],
  ['evil.test#localhost', false],
  ['127.0.0.1.nip.io', false],
  ['a@localhost', false],
])('the host %j names this machine: %s', (host, isLocal) => {
  expect(isLocalHost(host)).toBe(isLocal)
})
