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
  const command = argv
    .filter((word) => /^[a-z][a-z-]*$/.test(word))
    .slice(0, 2)
    .join(' ')
  const lines = messageOf(error)
    .split('\n')
    .filter((line) => !line.startsWith('See more help'))
  const why = lowerFirst(lines.join(' ').replace(/\s+/g, ' ').trim())
  return new YardError('E_USAGE', {
    what: `Can't run this command line`,
    why,
    next: [command === '' ? 'yard --help' : `yard ${command} --help`],
    cause: error,
  })
}

/** What follows a `=` may be a secret, as when `NAME=VALUE` is taken for a flag. */
function messageOf(error: Error): string {
  const {flags} = error as {flags?: unknown}
  if (!error.message.startsWith('Nonexistent flag') || !Array.isArray(flags)) return error.message
  return `Nonexistent flag: ${flags.map((flag) => String(flag).split('=')[0]).join(', ')}`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
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
