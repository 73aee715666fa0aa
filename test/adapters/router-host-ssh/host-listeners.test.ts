import {expect, test} from '@jest/globals'

import {bindFaultAmong, readListeners} from '../../../src/adapters/router-host-ssh/host-listeners.js'

const output = [
  'listens 0100007F:1B9E',
  'listens 00000000:0050',
  'listens 00000000000000000000000000000000:0BB8',
  'listens 00000000000000000000000001000000:0BB9',
  'listens 0000000000000000FFFF00000B00000A:0BBA',
  'listens nonsense',
  'has 10.0.0.11',
  'has 127.0.0.1',
  'from 1024',
  '',
].join('\n')

test.each([
  ['127.0.0.1', 7070, 'taken'],
  ['0.0.0.0', 7070, 'taken'],
  ['10.0.0.11', 7070, undefined],
  ['127.0.0.1', 7071, undefined],
  ['127.0.0.1', 3000, 'taken'],
  ['127.0.0.1', 3001, undefined],
  ['10.0.0.11', 3002, 'taken'],
  ['127.0.0.1', 3002, undefined],
  ['10.0.0.11', 443, 'not-allowed'],
  ['10.9.9.9', 8080, 'no-such-address'],
])('whether %s:%i can be bound is told from what listens', (address, port, fault) => {
  expect(bindFaultAmong(readListeners(output), {address, port})).toBe(fault)
})

test('what has the port on every address takes it on each', () => {
  const asRoot = readListeners(output.replace('from 1024', 'from 1'))

  expect(bindFaultAmong(asRoot, {address: '10.0.0.11', port: 80})).toBe('taken')
  expect(bindFaultAmong(asRoot, {address: '10.0.0.11', port: 443})).toBeUndefined()
})
