import {inspect} from 'node:util'

import {expect, test} from '@jest/globals'

import {Secret} from '../../src/domain/secret.js'

const secret = new Secret('CANARY-7f3a')

test('a secret shows itself to whoever asks for it by name', () => {
  expect(secret.reveal()).toBe('CANARY-7f3a')
})

test.each([
  ['as text', () => `${String(secret)} ${secret.toString()}`],
  ['as JSON', () => JSON.stringify({deep: [secret]})],
  ['in the console', () => inspect({deep: {er: secret}}, {depth: 9, showHidden: true})],
  ['in an error', () => inspect(new Error('no', {cause: secret}))],
  ['in a list of its own keys', () => JSON.stringify([Object.entries(secret), Object.assign({}, secret)])],
])('a secret is not seen %s', (_where, show) => {
  expect(show()).not.toContain('CANARY')
})
