import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {parseSecretReference, toolCommand} from '../../src/domain/secret-reference.js'
import {YardError} from '../../src/errors.js'

function argumentsFor(text: string): string[] {
  const {args, file} = toolCommand(parseSecretReference(text))
  return [file, ...args]
}

describe('the command line of a reference', () => {
  test.each([
    ['secret://sops/secrets.yaml#key', 'sops --decrypt --extract ["key"] ./secrets.yaml'],
    [
      'secret://sops/a/b.json#db.users.0.name',
      'sops --decrypt --extract ["db"]["users"][0]["name"] ./a/b.json',
    ],
    ['secret://op/team/stripe/key', 'op read op://team/stripe/key'],
    ['secret://op/My%20Vault/stripe/prod/key', 'op read op://My Vault/stripe/prod/key'],
  ])('%s', (text, line) => {
    expect(argumentsFor(text).join(' ')).toBe(line)
  })

  test.each([
    ['secret://ssm/stripe-key', '--name=stripe-key'],
    ['secret://ssm/billing/stripe.key', '--name=/billing/stripe.key'],
    ['secret://ssm//billing/stripe', '--name=/billing/stripe'],
    ['secret://ssm//stripe', '--name=/stripe'],
  ])('%s', (text, name) => {
    expect(argumentsFor(text)).toEqual([
      ...'aws ssm get-parameter --with-decryption --query Parameter.Value --output json'.split(' '),
      name,
    ])
  })
})

test.each([
  'secret://',
  'secret://op',
  'secret://op/--help',
  'secret://op/--help/x/y',
  'secret://op/a/b',
  'secret://op/a/b/c/d/e',
  'secret://op/a/b/c?attribute=otp',
  'secret://op/a//c',
  'secret://op/../../x',
  'secret://op/%2D%2Dhelp/b/c',
  'secret://op/%20%20/%0a/c',
  'secret://sops/../../etc/passwd',
  'secret://sops/../../etc/passwd#root',
  'secret://sops//etc/passwd#root',
  'secret://sops/-rf#root',
  'secret://sops/a.yaml',
  'secret://sops/a.yaml#',
  'secret://sops/a.yaml#a]["b',
  'secret://sops/a.yaml#a"b',
  'secret://sops/a.yaml#$(id)',
  'secret://sops/a.yaml#a#b',
  'secret://ssm/',
  'secret://ssm/--debug',
  'secret://ssm/a b',
  'secret://ssm/a/../b',
  'secret://ssm/a\nb',
  'secret://ssm/a\0b',
  'secret://ssm/$(id)',
  'secret://vault/a/b/c',
  'SECRET://op/a/b/c',
  `secret://ssm/${'a/'.repeat(2_000)}b`,
])('refuses %j without repeating it', (text) => {
  try {
    parseSecretReference(text)
    throw new Error('it was taken')
  } catch (error) {
    expect(error).toMatchObject({code: 'E_SECRET_REFERENCE'})
    const {next, what, why} = error as YardError
    const rest = text.slice('secret://'.length)
    if (rest.length > 6) expect(JSON.stringify({what, why, next})).not.toContain(rest)
  }
})

test('whatever is taken is one argument that is no option and stays below its directory', () => {
  const part = fc.string({unit: fc.constantFrom(...Array.from('aZ0-._ /#%$\'"\\\n\0{')), maxLength: 12})
  const text = fc.tuple(fc.constantFrom('sops', 'op', 'ssm'), part, part, part)
  fc.assert(
    fc.property(text, ([store, one, two, three]) => {
      let words: string[]
      try {
        words = argumentsFor(`secret://${store}/${one}/${two}${store === 'sops' ? '#' : '/'}${three}`)
      } catch (error) {
        if (error instanceof YardError) return
        throw error
      }
      const last = words.at(-1) ?? ''
      expect(last).toMatch(/^(?:\.\/|op:\/\/|--name=)[A-Za-z0-9_./ -]+$/)
      expect(last).not.toMatch(/(?:^|[/=])\.\.(?:\/|$)/)
      expect(last.replace(/^--name=/, '')).not.toMatch(/(?:^|\/)-/)
    }),
    {numRuns: 3_000},
  )
})
