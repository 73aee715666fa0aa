import {spawnSync} from 'node:child_process'

import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {shellLine} from '../../src/domain/shell-line.js'

const separator = '\u0000'
/** As a program gets them: one after the other, with what no argument can hold between them. */
const showArguments = 'process.stdout.write(process.argv.slice(1).map((word) => word + "\\0").join(""))'

test('a real shell hands a program exactly the words', () => {
  const words = fc.array(
    fc.oneof(
      fc.string({unit: 'grapheme', maxLength: 40}).filter((text) => !text.includes('\0')),
      fc.constantFrom(
        '',
        "'",
        "''",
        '"',
        '\\',
        '$HOME',
        '`id`',
        '$(id)',
        '*',
        '~',
        '-n',
        '\n',
        '\r\n',
        '#',
        '!',
        '%s',
      ),
    ),
    {minLength: 1, maxLength: 200},
  )
  fc.assert(
    fc.property(words, (given) => {
      const line = shellLine([process.execPath, '--eval', showArguments, '--', ...given])
      const {stdout} = spawnSync('/bin/sh', ['-c', line], {encoding: 'utf8'})
      expect(stdout.split(separator).slice(0, -1)).toEqual(given)
    }),
    {numRuns: 50},
  )
})

test('a NUL is refused before anything is run', () => {
  expect(() => shellLine(['node', 'a\0b'])).toThrow(expect.objectContaining({code: 'E_USAGE'}))
})
