import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'

import {beforeAll, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {commandLine} from '../../../src/adapters/shell-ssh/quote.js'
import {hostProgram} from '../../../src/domain/host-unit.js'
import {instanceIdPattern} from '../../../src/domain/instance.js'
import {isName} from '../../../src/domain/names.js'
import {type Debian, describeOnDebian, hostScript} from './debian.js'

const refused = 64

test('the program of root is shell that any sh reads, and that shellcheck finds nothing in', () => {
  execFileSync('sh', ['-n', hostScript])
  const found = hasShellcheck()
    ? execFileSync('shellcheck', ['-s', 'sh', '-S', 'warning', hostScript]).toString()
    : ''
  expect(found).toBe('')
})

/** Words that mean something to a shell, to systemd or to a path, and nothing to yard. */
const hostile = [
  ...[
    '',
    ' ',
    '-',
    '--',
    '-rf',
    '--help',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc/passwd',
    'a b',
    'a\nb',
    'a\n',
    '\na',
    'a\tb',
    'a\r',
  ],
  ...[
    '$(touch /tmp/yard-pwned)',
    '`touch /tmp/yard-pwned`',
    ';touch /tmp/yard-pwned',
    '|id',
    '&',
    '*',
    '?',
    '~',
    '%h',
    '%n',
  ],
  ...[
    'A',
    'Billing',
    'billing-',
    '-billing',
    'bil--ling',
    'billing.',
    'b'.repeat(41),
    'аdmin',
    'é',
    '\u202e',
    '\u001b[2J',
  ],
  ...['0', '01', '-1', '1e3', '0x10', '1.5', '99999999999999999999', '1 2', '1;2', '$((1))', 'a[$(id)]'],
  ...[
    'billing-r0',
    'billing-r',
    'billing-r1.',
    'billing-r1..x',
    'billing-r1.web.0',
    'billing-r1.web.1.2',
    'billing-r1.web.x',
  ],
  ...[
    'billing-r1@web-1',
    'billing-r1.service',
    'other-r1',
    '../billing-r1',
    'billing-r1/../x',
    'billing-r1:x',
    'yard-billing-r1',
  ],
]
/** What is right in each place. */
const right: Readonly<Record<string, string[]>> = {
  start: ['staging', 'billing', '7', 'web-1'],
  stop: ['staging', 'billing', '7', '100', 'billing-r1'],
  run: ['staging', 'billing', '7', 'web-1', 'billing-r1', '1000', '10', '60', '10'],
  lines: ['billing-r1', '10'],
  logs: ['past', 'staging', 'billing', '1', '@1', '10', '=x'],
  ended: ['billing-r1'],
}
/** Which hostile word is right in a place after all: what is an environment is a matter of taste. */
function isRight(verb: string, place: number, word: string): boolean {
  if (verb === 'logs') {
    if (word === '-') return place > 2
    return place === 5 ? word === '0' : [1, 2].includes(place) && isName(word)
  }
  if (verb === 'stop' && place === 3) return word === '0'
  if (word === '-') return verb === 'run' && [2, 5, 6].includes(place)
  if (verb === 'lines' || verb === 'ended') return place === 0 && instanceIdPattern.test(`${word}@web-1`)
  if (place === 0 || (verb === 'start' && place === 1) || place === 3) return isName(word)
  if (place === 4) return word.startsWith('billing-') && instanceIdPattern.test(`${word}@web-1`)
  return false
}

describeOnDebian('the program of root on a host', (ready) => {
  let debian: Debian
  beforeAll(() => {
    debian = ready()
    debian.release('billing', 1)
  })

  test('refuses every word that is not a name or a number, and makes no file', async () => {
    const calls: string[][] = [
      [],
      ['nothing'],
      ['start'],
      ['exec'],
      ['exec', 'x'],
      ['list', 'x'],
      ['stop', 'a', 'b', '1', '1'],
    ]
    for (const [verb, words] of Object.entries(right)) {
      for (const [place] of words.entries()) {
        for (const word of hostile) {
          if (!isRight(verb, place, word)) calls.push([verb, ...words.with(place, word)])
        }
      }
      calls.push([verb, ...words, ...words, ...words], [verb, ...words.slice(1)])
    }
    for (const words of fc.sample(
      fc.array(fc.string({unit: 'binary', maxLength: 12}), {maxLength: 9}),
      300,
    )) {
      const clean = words.map((word) => Buffer.from(word.replaceAll('\0', '')).toString())
      calls.push(
        clean,
        ['start', ...clean],
        ['stop', ...clean],
        ['run', ...clean],
        ['lines', ...clean],
        ['logs', ...clean],
        ['ended', ...clean],
      )
    }
    const before = await debian.files()
    const codes = await debian.yardHostCodes(calls)
    const wrong = calls.filter((_, index) => codes[index] !== refused)
    expect(wrong).toEqual([])
    expect(codes).toHaveLength(calls.length)
    expect(await debian.files()).toBe(before)
  }, 300_000)

  test('refuses every stdin that is not as yard writes it, and starts nothing of it', async () => {
    await debian.machine.sh(`printf '' | ${hostProgram} start staging billing 100 web-1 || true`)
    const before = await debian.files()
    const good = 'instance billing-r1 - - - 1000 5\ntrue\n'
    const inputs = [
      '',
      'end',
      'nothing\n',
      good,
      `${good}instance ../x - - - 1000 5\ntrue\nend\n`,
      good.replace('1000 5', '1000 500'),
      good.replace('billing-r1', 'other-r1'),
      good.replace('1000 5', '1000 0'),
      good.replace('1000 5', '1000 99999999'),
      good.replace('- - -', '70000 - -'),
      good.replace('- - -', '0 - -'),
      good.replace('- - -', '- 1G -'),
      good.replace('- - -', '- - infinity'),
      good.replace('1000 5', '1000 5 6'),
      good.replace('1000', '-1'),
      `${good.replace('billing-r1', 'billing-r1 ExecStart=/bin/sh')}end\n`,
    ]
    for (const input of inputs) {
      writeFileSync(debian.path('/root/input'), input)
      const {code} = await debian.yardHost(`< /root/input`, 'start', 'staging', 'billing', '100', 'web-1')
      expect({input, code}).toEqual({input, code: refused})
    }
    await debian.machine.run('rm', '/root/input')
    expect(await debian.files()).toBe(before)
  })

  test('runs nothing as root that somebody put where a unit has its credential', async () => {
    const lines = [
      'mkdir -p /tmp/credentials',
      "echo 'touch /tmp/yard-pwned' > /tmp/credentials/environment",
      `code=0; CREDENTIALS_DIRECTORY=/tmp/credentials ${hostProgram} exec 2>/dev/null || code=$?`,
      'test ! -e /tmp/yard-pwned',
      'rm -r /tmp/credentials',
      'echo $code',
    ]
    expect(await debian.machine.sh(...lines)).toBe(`${refused}\n`)
  })
})

describe('a machine where it is not root', () => {
  test('nothing is done', () => {
    if (process.getuid?.() !== 0) return
    const words = [
      '--reuid=65534',
      '--clear-groups',
      'sh',
      '-c',
      commandLine(['sh', hostScript, 'list']) + '; echo $?',
    ]
    expect(execFileSync('setpriv', words, {stdio: ['ignore', 'pipe', 'ignore']}).toString()).toBe(
      `${refused}\n`,
    )
  })
})

function hasShellcheck(): boolean {
  try {
    execFileSync('shellcheck', ['--version'], {stdio: 'ignore'})
    return true
  } catch {
    return false
  }
}
