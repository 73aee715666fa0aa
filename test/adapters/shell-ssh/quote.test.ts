import {execFileSync} from 'node:child_process'

import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {commandLine} from '../../../src/adapters/shell-ssh/quote.js'
import {shellWord} from '../../../src/domain/shell-line.js'

const hostile = [
  '',
  "'",
  '"',
  '\\',
  '`id`',
  '$HOME',
  '${IFS}',
  '!!',
  '*',
  '~',
  'a\nb',
  '\r\n',
  '\t',
  '-n',
  '--',
  '%n',
  "a'$(touch /tmp/x)'b",
  "\\'",
  "'\\''",
]

test.each(['sh', 'bash'])('what is quoted reaches a program as it was, through %s', (shell) => {
  const given = [...hostile, ...fc.sample(fc.string({unit: 'binary'}), 500)].filter(
    (text) => !text.includes('\0'),
  )

  const line = commandLine(['printf', '%s\\0', ...given])
  const output = execFileSync(shell, ['-c', line]).toString('utf8')

  expect(output.split('\0').slice(0, -1)).toEqual(given)
})

test('a quoted word has no character outside of quotes but quotes and backslashes with a backslash before them', () => {
  fc.assert(
    fc.property(fc.string({unit: fc.constantFrom("'", '\\', 'a', '$', ' ', '\n', '`')}), (text) => {
      fc.pre(!text.includes('\0'))
      expect(shellWord(text)).toMatch(/^(?:'[^'\\]*'|\\['\\])+$/)
    }),
  )
})

test('an argument with a NUL is refused', () => {
  expect(() => shellWord('a\0b')).toThrow("Can't give an argument with a NUL to a program")
})

test('half a character is refused: it would arrive as another one', () => {
  expect(() => shellWord('a\ud83d')).toThrow('Can\'t give "a\\ud83d" to a program')
  expect(shellWord('😀')).toBe("'😀'")
})

test('a line that is too long for a shell is refused', () => {
  expect(() => commandLine(['printf', 'x'.repeat(200_000)])).toThrow('with such long arguments')
})
