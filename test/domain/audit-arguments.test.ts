import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {auditArguments, type CommandShape} from '../../src/domain/audit-arguments.js'

const shape: CommandShape = {
  flags: {
    env: {char: 'e', takesValue: true},
    catalog: {takesValue: true},
    description: {takesValue: true},
    'dry-run': {takesValue: false},
    follow: {takesValue: false},
    secret: {takesValue: false},
    shared: {takesValue: false},
    port: {takesValue: true},
    name: {takesValue: true},
    yes: {char: 'y', takesValue: false},
  },
  args: ['service', 'weight'],
}

function kept(line: string): string {
  return auditArguments(line.split(' ').filter(Boolean), shape).join(' ')
}

describe('what is kept', () => {
  test.each([
    ['billing --env staging', 'billing --env staging'],
    ['billing -e staging -y', 'billing -e staging -y'],
    ['billing --env=staging --dry-run', 'billing --env=staging --dry-run'],
    ['billing -estaging --port 7070 --no-follow', 'billing -e=staging --port 7070 --no-follow'],
    ['--name deploy/staging/billing', '--name deploy/staging/billing'],
    ['billing 10', 'billing 10'],
  ])('%s', (line, expected) => {
    expect(kept(line)).toBe(expected)
  })
})

describe('what is hidden', () => {
  test.each([
    ['billing STRIPE_KEY=sk_live_1 B=2', 'billing STRIPE_KEY=… B=…'],
    ['billing c2VjcmV0cGFzc3dvcmQ= QUJDREVG= QUJDRA==', 'billing … … …'],
    ['billing hunter2', 'billing …'],
    ['--catalog etcd://u:p@h', '--catalog …'],
    ['--catalog=etcd://u:p@h', '--catalog=…'],
    ['--description pass', '--description …'],
    ['--env Pa55word', '--env …'],
    ['--port 7070x', '--port …'],
    ['--hunter2 --hunter=2 -hunter2', '… … …'],
    ['-ypassword', '…'],
    ['billing -- --env staging', 'billing -- … …'],
    ['--__proto__ --constructor=x', '… …'],
  ])('%s', (line, expected) => {
    expect(kept(line)).toBe(expected)
  })

  test('a name after the first argument, which may be a value that lost its own', () => {
    const several = {flags: {}, args: ['service', 'name']}
    expect(auditArguments(['billing', 'hunter2'], several)).toEqual(['billing', '…'])
  })

  test('whatever stands behind an equals sign, in a flag that is not listed, or where no name fits', () => {
    // Recognisable wherever it comes out again, and in no alphabet of names.
    const secret = fc.stringMatching(/^[ -~]{0,20}S3cr\+t[ -~]{0,20}$/)
    const place = fc.constantFrom<(text: string) => string[]>(
      (text) => [text],
      (text) => [`NAME=${text}`],
      (text) => [`name=${text}`],
      (text) => ['--catalog', text],
      (text) => [`--catalog=${text}`],
      (text) => ['--description', text],
      (text) => [`--env=${text}`],
      (text) => ['-e', text],
      (text) => [`-e${text}`],
      (text) => [`--${text}`],
      (text) => [`-y${text}`],
      (text) => ['--', text],
      (text) => ['--unknown', text],
    )
    const words = fc.array(
      fc.tuple(place, secret).map(([put, text]) => put(text)),
      {maxLength: 6},
    )
    fc.assert(
      fc.property(words, fc.boolean(), (parts, hasService) => {
        const argv = [...(hasService ? ['billing'] : []), ...parts.flat()]
        expect(auditArguments(argv, shape).join('\n')).not.toContain('S3cr')
      }),
      {numRuns: 3_000},
    )
  })

  test('what comes after a hundred words', () => {
    const argv = Array.from({length: 300}, () => 'A=1')
    expect(auditArguments(argv, shape)).toHaveLength(101)
  })
})
