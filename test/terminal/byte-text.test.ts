import {expect, test} from '@jest/globals'

import {byteText} from '../../src/terminal/byte-text.js'

test.each([
  [0, '0 kB'],
  [512 * 1024, '512 kB'],
  [999 * 1024, '999 kB'],
  [1_023 * 1024, '1.0 MB'],
  [84 * 1024 ** 2, '84 MB'],
  [1.26 * 1024 ** 3, '1.3 GB'],
  [9.96 * 1024 ** 3, '10 GB'],
  [5_000 * 1024 ** 4, '5000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(byteText(bytes)).toBe(text)
})
