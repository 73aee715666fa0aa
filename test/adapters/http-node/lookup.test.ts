import {expect, test} from '@jest/globals'

import {guardedLookup, literalAddress} from '../../../src/adapters/http-node/lookup.js'

type Found = {error: NodeJS.ErrnoException | null; address: unknown}

test.each(['localhost', 'hello.localhost', 'LOCALHOST.'])('%s is this machine', async (name) => {
  expect(await lookup(name)).toEqual({error: null, address: [{address: '127.0.0.1', family: 4}]})
})

test('a name that leads to an address that is not permitted leads nowhere', async () => {
  const {error, address} = await lookup('localhost', (candidate) => candidate !== '127.0.0.1')

  expect(error).toMatchObject({failure: 'not-permitted', detail: '127.0.0.1'})
  expect(address).toEqual([])
})

test('a name that leads nowhere is an error of its own', async () => {
  expect((await lookup('no-such-host.invalid')).error).toMatchObject({code: expect.stringMatching(/^E/)})
})

test.each([
  ['http://0x7f.1/', '127.0.0.1'],
  ['http://[::FFFF:127.0.0.1]/', '::ffff:7f00:1'],
  ['http://localhost/', undefined],
])('the address in %s is %s', (url, address) => {
  expect(literalAddress(new URL(url))).toBe(address)
})

function lookup(name: string, permits?: (address: string) => boolean): Promise<Found> {
  return new Promise((resolve) => {
    guardedLookup(permits)(name, {all: true}, (error, address) => resolve({error, address}))
  })
}
