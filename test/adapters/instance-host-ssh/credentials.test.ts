import {execFileSync} from 'node:child_process'
import {chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {credentialOf, credentialText} from '../../../src/adapters/instance-host-ssh/credentials.js'
import {Secret} from '../../../src/domain/secret.js'
import {hostScript} from './debian.js'

const id = 'billing-r1@web-1'
/** Whom root becomes: the program runs no service as root. */
const nobody = process.getuid?.() === 0 ? {uid: 65_534, gid: 65_534} : {}
const shells = ['/bin/sh', '/bin/bash'].filter((each) => existsSync(each))
const special = [
  '',
  "'",
  "'\\''",
  "a'b'c",
  '"',
  '$HOME',
  '`id`',
  '$(id)',
  '\\',
  '\\n',
  'a\nb\n',
  '\n',
  '\r\n',
  '\t',
  ' a ',
  '-n',
  '%s',
  '!!',
  '*',
  '~',
  '#x',
  '\u0081\u0088\u00ff',
  'ÄÖÜ €',
  '😀',
  '\u001b[2J',
  '1\nExecStartPre=/bin/touch /tmp/x',
  'x'.repeat(32_768),
  "'".repeat(8_000),
]

describe('the credential of a process', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'yard-credential-'))
    chmodSync(directory, 0o755)
    copyFileSync(hostScript, path.join(directory, 'yard-host'))
    chmodSync(path.join(directory, 'yard-host'), 0o755)
  })
  afterAll(() => rmSync(directory, {recursive: true, force: true}))

  test('gives every value of a variable to the process as it was', () => {
    for (const shell of shells) {
      fc.assert(
        fc.property(
          fc.array(fc.oneof(fc.constantFrom(...special), fc.string({unit: 'binary'})), {
            minLength: 40,
            maxLength: 60,
          }),
          (texts) => {
            // No system can hold a NUL in a value.
            const values = texts.map((text) => text.replaceAll('\0', ''))
            const variables = Object.fromEntries(values.map((value, index) => [`V${index}`, value]))
            const found = run(shell, credentialText(variables, 'exec env -0', id))
            for (const [name, value] of Object.entries(variables)) {
              expect(found.get(name)).toBe(Buffer.from(value).toString())
            }
          },
        ),
        {numRuns: 30},
      )
      const variables = Object.fromEntries(special.map((value, index) => [`V${index}`, value]))
      expect([...run(shell, credentialText(variables, 'exec env -0', id))]).toEqual(
        expect.arrayContaining(Object.entries(variables)),
      )
    }
  })

  test('runs the line as it is written, with its quotes, and says nothing of itself', () => {
    for (const shell of shells) {
      const line = `printf '%s\\0' "SUM=$((1+1))" 'QUOTED="it'"'"'s"' "ALL=$*" "FILES=$(echo a; echo b)"`
      const found = run(shell, credentialText({}, line, id))
      expect([...found]).toEqual([
        ['SUM', '2'],
        ['QUOTED', '"it\'s"'],
        ['ALL', ''],
        ['FILES', 'a\nb'],
      ])
      expect(run(shell, credentialText({}, '-x=y; exec env -0', id)).has('HOME')).toBe(true)
    }
  })

  test('is not readable for the process by a name, and leaves no variable of yard behind', () => {
    const found = run('/bin/sh', credentialText({}, 'exec env -0', id))
    expect(
      [...found.keys()].filter((name) => !['HOME', 'PWD', 'OLDPWD', '_', 'SHLVL'].includes(name)),
    ).toEqual([])
  })

  test('takes the words that shells have for themselves for values, but not for names', () => {
    for (const name of [
      'PATH',
      'PS1',
      'PS4',
      'LC_ALL',
      'LANG',
      'ENV',
      'MAIL',
      'TERM',
      'HISTSIZE',
      'line',
      'yard_credentials',
    ]) {
      expect(run('/bin/sh', credentialText({[name]: 'it is'}, 'exec /usr/bin/env -0', id)).get(name)).toBe(
        'it is',
      )
    }
    for (const name of ['OPTIND', 'UID', 'PPID', 'IFS', 'a b', 'A-B', '1A', '', 'A=B', 'A\nB', 'Ä']) {
      expect(() => credentialText({[name]: '1'}, 'true', id)).toThrow(`Can't start ${id}`)
    }
  })

  test('refuses what no process can be given', async () => {
    expect(() => credentialText({A: 'a\0b'}, 'true', id)).toThrow('holds a NUL')
    const variables = Object.fromEntries(
      Array.from({length: 30}, (_, index) => [`V${index}`, 'x'.repeat(32_000)]),
    )
    await expect(credentialOf({id, line: 'true', variables})).rejects.toThrow('at most 900000')
  })

  test('holds the secrets, which win over a variable of the same name', async () => {
    const secrets = async () => ({TOKEN: new Secret("CANARY'7f3a"), A: new Secret('secret')})
    const content = await credentialOf({id, line: 'true', variables: {A: 'plain', B: 'b'}, secrets})
    expect(content.toString()).toBe(`A='secret'\nB='b'\nTOKEN='CANARY'\\''7f3a'\nset -- 'true'\n`)
  })

  /** The variables that the process sees. */
  function run(shell: string, credential: string): Map<string, string> {
    const credentials = mkdtempSync(path.join(directory, 'c-'))
    chmodSync(credentials, 0o755)
    writeFileSync(path.join(credentials, 'environment'), credential, {mode: 0o644})
    const script = path.join(directory, 'yard-host')
    const words = shell === '/bin/bash' ? ['--posix', script, 'exec'] : [script, 'exec']
    const output = execFileSync(shell, words, {
      ...nobody,
      cwd: directory,
      env: {CREDENTIALS_DIRECTORY: credentials, HOME: '/'},
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString()
    rmSync(credentials, {recursive: true})
    const rows = output.split('\0').slice(0, -1)
    return new Map(rows.map((row) => [row.slice(0, row.indexOf('=')), row.slice(row.indexOf('=') + 1)]))
  }
})
