import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {keyIn, plainKeys, withKeys} from '../../src/domain/authorized-keys.js'
import {aKey} from '../fakes/setup-facts.js'

const other = aKey.replace('Ia', 'Ib')

test('of the lines of a file, keys without options are taken, each once', () => {
  const lines = [
    '# people',
    '',
    `${aKey} ada@laptop`,
    `  ${aKey}   the same`,
    `command="reboot" ${other}`,
    `from="10.0.0.0/8" ${other} grace`,
    `cert-authority ${other}`,
    'not a key',
    'ssh-ed25519',
    `${other}\tgrace\u001b[2J hopper`,
  ]

  expect(plainKeys(lines)).toEqual({lines: [`${aKey} ada@laptop`, `${other} grace[2J hopper`], leftOut: 5})
})

test('keys are added after what is there, which stays as it is', () => {
  const present = ['# mine', `from="10.0.0.1" ${aKey}`, `${other} grace`, '   ']

  expect(withKeys(present, [aKey, `${other} again`])).toEqual({text: `${present.join('\n')}\n`, added: 0})
  const [first, second] = [aKey.replace('Ia', 'Ic'), aKey.replace('Ia', 'Id')]
  expect(withKeys(present, [first, second, first])).toEqual({
    text: `${[...present, first, second].join('\n')}\n`,
    added: 2,
  })
})

test('a new file says what it is for', () => {
  const {added, text} = withKeys([], [aKey])

  expect(added).toBe(1)
  expect(text.split('\n')).toEqual([expect.stringMatching(/^# /), aKey, ''])
})

test('whatever lines there are, what is written holds one key a line and nothing else that was not there', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(aKey, `${aKey} x`, other, `command="a b" ${other}`, '# a'),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const written = withKeys([], lines).text.trimEnd().split('\n').slice(1)
      expect(written.every((each) => keyIn(each) !== undefined)).toBe(true)
      expect(new Set(written.map(keyIn)).size).toBe(written.length)
      expect(withKeys(written, lines).added).toBe(0)
    }),
  )
})
