import {stripVTControlCharacters} from 'node:util'

import {exitCodes, YardError} from '../errors.js'

export type Failure =
  {kind: 'for-a-person'; error: YardError} | {kind: 'bug'; error: unknown} | {kind: 'ended'; exitCode: number}

/** The fields that oclif sets on what it throws; checked by shape, as two copies of oclif may be loaded. */
interface OclifError extends Error {
  oclif?: {exit?: number}
  code?: string
  parse?: unknown
}

/** Two kinds of failure only: a person can act on it, or it's a bug in yard. */
export function classifyFailure(error: unknown, argv: readonly string[]): Failure {
  if (error instanceof YardError) return {kind: 'for-a-person', error}
  if (!(error instanceof Error)) return {kind: 'bug', error}
  const {code, oclif, parse} = error as OclifError
  if (code === 'EEXIT') return {kind: 'ended', exitCode: oclif?.exit ?? 0}
  if (parse !== undefined || oclif?.exit === exitCodes.invalidInput)
    return {kind: 'for-a-person', error: usage(error, argv)}
  const known = systemFailure(error)
  return known === undefined ? {kind: 'bug', error} : {kind: 'for-a-person', error: known}
}

function usage(error: Error, argv: readonly string[]): YardError {
  const command = commandOf(argv)
  return new YardError('E_USAGE', {
    what: `Can't run this command line`,
    why: whyOf(error),
    next: [command === '' ? 'yard --help' : `yard ${command} --help`],
    cause: error,
  })
}

/** The words before the first flag: those after one may be its value. */
function commandOf(argv: readonly string[]): string {
  if (argv[0] === 'help') return ''
  const flag = argv.findIndex((word) => !/^[a-z][a-z-]*$/.test(word))
  return argv.slice(0, flag === -1 ? 2 : Math.min(flag, 2)).join(' ')
}

/** What oclif says, as one clause in yard's own words. */
function whyOf(error: Error): string {
  const lines = stripVTControlCharacters(messageOf(error))
    .split('\n')
    .filter((line) => !line.startsWith('See more help'))
  const text = lines.join(' ').replace(/\s+/g, ' ').trim()
  const flags = [...text.matchAll(/Missing required flag (\S+)/g)].map(([, name]) => `--${name}`)
  if (flags.length > 0) return areMissing(flags)
  const number = /^Parsing (--\S+) Expected (an integer.*) but received: (.*)$/.exec(text)
  if (number !== null) return `${number[1]} takes ${number[2]}, not ${number[3]}`
  const both = /(--[\w-]+)(?:=\S+)? cannot also be provided when using (--[\w-]+)/.exec(text)
  if (both !== null) return `${both[2]} and ${both[1]} can't be given together`
  const topic = /^Command (.+) not found\.$/.exec(text)
  if (topic !== null) return `there's no command ${topic[1]?.replaceAll(':', ' ')}`
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** What follows a `=` may be a secret, as when `NAME=VALUE` is taken for a flag. */
function messageOf(error: Error): string {
  const {args, flags} = error as {args?: unknown; flags?: unknown}
  if (error.message.startsWith('Nonexistent flag') && Array.isArray(flags))
    return `Nonexistent flag: ${flags.map((flag) => String(flag).split('=')[0]).join(', ')}`
  if (/^Missing \d+ required arg/.test(error.message) && Array.isArray(args))
    return missingArguments(args as {name: string; description?: string}[])
  return error.message
}

/** A single one is explained, too. */
function missingArguments(missing: readonly {name: string; description?: string}[]): string {
  const names = areMissing(missing.map(({name}) => `the ${name}`))
  const description = missing.length === 1 ? missing[0]?.description : undefined
  return description === undefined ? names : `${names} (${description})`
}

function areMissing(names: readonly string[]): string {
  const list = [names.slice(0, -1).join(', '), names.at(-1)].filter((each) => each !== '').join(' and ')
  return `${list} ${names.length === 1 ? 'is' : 'are'} missing`
}

/** Failures of the machine that any command can meet. */
function systemFailure(error: Error): YardError | undefined {
  const {code, path} = error as NodeJS.ErrnoException
  const place = path ?? 'a file'
  if (code === 'ENOSPC') {
    return new YardError('E_DISK_FULL', {
      what: `Can't write ${place}`,
      why: 'no space is left on the disk',
      next: ['df -h', 'free some space and run the command again'],
      cause: error,
    })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new YardError('E_PERMISSION', {
      what: `Can't use ${place}`,
      why: code === 'EROFS' ? 'the file system is read-only' : 'the system does not allow it for this user',
      next: [`ls -ld ${place}`, 'yard doctor'],
      cause: error,
    })
  }
  return undefined
}
