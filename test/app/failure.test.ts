import {Errors} from '@oclif/core'
import {describe, expect, test} from '@jest/globals'

import {classifyFailure} from '../../src/app/failure.js'
import {YardError} from '../../src/errors.js'
import {bugView, errorView} from '../../src/terminal/error-view.js'

describe('a failure', () => {
  test("of yard's own kind is shown as it is", () => {
    const error = new YardError('E_LOCKED', {
      what: "Can't deploy",
      why: 'ann is deploying',
      next: ['wait', 'yard status'],
    })
    expect(classifyFailure(error, [])).toEqual({kind: 'for-a-person', error})
    expect(errorView(error)).toBe(
      "✗ Can't deploy\n  ann is deploying\n\n  Next: wait\n        yard status\n\n  E_LOCKED, explained in docs/errors.md",
    )
  })

  test('of the command line names the command whose help to read', () => {
    const failure = classifyFailure(new Errors.CLIError('Nonexistent flag: --x\nSee more help with --help'), [
      'deploy',
      '--x',
    ])
    expect(failure).toMatchObject({
      kind: 'for-a-person',
      error: {code: 'E_USAGE', why: 'nonexistent flag: --x', next: ['yard deploy --help']},
    })
  })

  test('of the command line does not repeat what follows an equals sign', () => {
    const flags = ['--KEY=CANARY 1', '-x']
    const error = Object.assign(
      new Errors.CLIError(`Nonexistent flags: ${flags.join(', ')}\nSee more help`),
      {flags},
    )
    expect(classifyFailure(error, [])).toMatchObject({error: {why: 'nonexistent flag: --KEY, -x'}})
  })

  test('of the command line that has several lines is one clause', () => {
    const error = new Errors.CLIError(
      'Missing 1 required arg:\nname  name of the service\nSee more help with --help',
    )
    expect(classifyFailure(error, [])).toMatchObject({
      error: {why: 'missing 1 required arg: name name of the service', next: ['yard --help']},
    })
  })

  test.each([
    ['The following error occurred:\n  \u001b[2mMissing required flag of\u001b[22m', '--of is missing'],
    [
      'The following errors occurred:\n  Missing required flag from\n  Missing required flag to',
      '--from and --to are missing',
    ],
    ['Parsing --limit \n\tExpected an integer but received: x', '--limit takes an integer, not x'],
    ['Command nope not found.', "there's no command nope"],
    [
      'The following error occurred:\n  --json=true cannot also be provided when using --json-lines',
      "--json-lines and --json can't be given together",
    ],
  ])('of the command line is told in plain words: %j', (message, why) => {
    expect(classifyFailure(new Errors.CLIError(message), [])).toMatchObject({error: {why}})
  })

  test('of the command line names each argument that is missing, and explains a single one', () => {
    const service = {name: 'service', description: 'name of a service'}
    const why = (args: object[]) => {
      const error = Object.assign(new Errors.CLIError(`Missing ${args.length} required args:`), {args})
      return classifyFailure(error, [])
    }
    expect(why([service])).toMatchObject({error: {why: 'the service is missing (name of a service)'}})
    expect(why([service, {name: 'weight'}])).toMatchObject({
      error: {why: 'the service and the weight are missing'},
    })
  })

  test('of the command line takes no value of a flag for a command', () => {
    const help = (argv: string[]) => classifyFailure(new Errors.CLIError('x'), argv)
    expect(help(['graph', '--format', 'png'])).toMatchObject({error: {next: ['yard graph --help']}})
    expect(help(['hosts', 'add', 'web-1', '--env', 'x'])).toMatchObject({
      error: {next: ['yard hosts add --help']},
    })
    expect(help(['help', 'nope'])).toMatchObject({error: {next: ['yard --help']}})
  })

  for (const [code, expected] of [
    ['ENOSPC', 'E_DISK_FULL'],
    ['EACCES', 'E_PERMISSION'],
    ['EROFS', 'E_PERMISSION'],
  ] as const) {
    test(`of the machine, ${code}, is something a person can act on`, () => {
      const error = Object.assign(new Error('x'), {code, path: '/srv/file'})
      expect(classifyFailure(error, [])).toMatchObject({error: {code: expected}})
    })
  }

  test('that nobody expected is a bug in yard, and says where the details are', () => {
    const error = new TypeError('x is undefined')
    expect(classifyFailure(error, [])).toEqual({kind: 'bug', error})
    expect(bugView(error, '/state/bugs/1.log')).toContain('/state/bugs/1.log')
    expect(bugView(error, undefined)).not.toMatch(/\n\s+at /)
  })

  test('that only ends the command keeps its exit code', () => {
    expect(classifyFailure(new Errors.ExitError(3), [])).toEqual({kind: 'ended', exitCode: 3})
  })
})
