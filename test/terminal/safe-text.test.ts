import {expect, test} from '@jest/globals'

import {safeBlock, safeText} from '../../src/terminal/safe-text.js'

test('shows escapes by their codes', () => {
  expect(safeText('\u001b]0;t\u0007\r\n')).toBe('\\x1b]0;t\\x07\\r\\n')
})

test('cuts a line of 1 MB and says so', () => {
  expect(safeText('x'.repeat(1_000_000))).toMatch(/^x{8000}… \[992000 more characters, see --raw\]$/)
})

test('keeps the line ends of a block only', () => {
  expect(safeBlock('a\r\nb\u001bc\nd')).toBe('a\nb\\x1bc\nd')
})
