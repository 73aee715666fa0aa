import {existsSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()
const deadlineMillis = 20_000
const scratch = path.join(tmpdir(), `yard-r6-${process.pid}`)

const special = [
  '',
  "'",
  '"',
  '\\',
  '`',
  '`id`',
  '$HOME',
  '${IFS}',
  '!!',
  '*',
  '~',
  '~root',
  'a\nb',
  '\n',
  'a\r\nb',
  '\t',
  '-',
  '-n',
  '--',
  '%n',
  '%s%s%n',
  `a'$(touch ${scratch})'b`,
  `"; touch ${scratch}; "`,
  "\\'",
  "'\\''",
  '&&',
  '|',
  '>x',
  '#',
  '{a,b}',
  '[a-z]',
  '\u001b[31m',
  '\u0080',
  'ünï😀',
]

/** Random ones, and random mixtures of what shells care about. */
const texts = [
  ...fc.sample(fc.string({unit: 'binary', maxLength: 30}), {numRuns: 5_000, seed: 42}),
  ...fc.sample(fc.string({unit: fc.constantFrom(...special), maxLength: 8}), {numRuns: 5_000, seed: 43}),
].map((text) => text.replaceAll('\0', ''))

const loginShells = {
  dash: '#!/bin/sh\nexec dash -c "$SSH_ORIGINAL_COMMAND"\n',
  bash: '#!/bin/sh\nexec bash -c "$SSH_ORIGINAL_COMMAND"\n',
  'one that prints a banner':
    '#!/bin/sh\necho "*** welcome ***"\nprintf "no end of line" >&2\nexec bash -lc "$SSH_ORIGINAL_COMMAND"\n',
}

if (missing !== undefined) test.skip(`R6 quoting (skipped: ${missing})`, () => undefined)
else
  describe.each(Object.entries(loginShells))('R6 through the login shell %s', (_, loginShell) => {
    let sshd: Sshd

    beforeAll(async () => {
      sshd = await startSshd({loginShell})
    })
    afterAll(async () => {
      await sshd.remove()
      rmSync(scratch, {force: true})
    })

    const open = shellsOf(() => sshd)

    async function printed(words: readonly string[]): Promise<string[]> {
      const {outcome, stdout} = await open().run({
        file: 'printf',
        args: ['%s\\0', ...words],
        deadlineMillis,
      })
      expect(outcome).toBe('succeeded')
      return stdout.split('\0').slice(0, -1)
    }

    test('words with a meaning to shells reach a program as they are', async () => {
      expect(await printed(special)).toEqual(special)
      expect(existsSync(scratch)).toBe(false)
    })

    test('10,000 random strings reach a program as they are', async () => {
      const shell = open()
      for (let from = 0; from < texts.length; from += 500) {
        const batch = texts.slice(from, from + 500)
        const {stdout} = await shell.run({file: 'printf', args: ['%s\\0', ...batch], deadlineMillis})
        expect(stdout.split('\0').slice(0, -1)).toEqual(batch)
      }
      expect(existsSync(scratch)).toBe(false)
    })

    test('and so they do with a program that runs on', async () => {
      const program = await open().stream({
        file: 'printf',
        args: ['%s\\0', ...special, ...texts.slice(0, 400)],
      })

      expect((await program.ended).stdout.split('\0').slice(0, -1)).toEqual([
        ...special,
        ...texts.slice(0, 400),
      ])
    })

    test('100 kB are one word, and bytes that are no text pass through stdin', async () => {
      const long = 'x'.repeat(100_000)
      expect(await printed([long])).toEqual([long])

      const bytes = Buffer.from([0, 255, 254, 0xc3, 0x28, 10, 13, 0])
      const {stdout} = await open().run({file: 'od', args: ['-An', '-tx1'], input: bytes, deadlineMillis})
      expect(stdout.trim().split(/\s+/)).toEqual([...bytes].map((byte) => byte.toString(16).padStart(2, '0')))
    })
  })
