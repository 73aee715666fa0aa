import {type RemoteProgram, type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {hostCommand, hostExits, isHostUnready} from '../../domain/host-unit.js'
import {type JournalEntry, parseJournalEntry} from '../../domain/logs/journal-entry.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

export interface JournalReading {
  /** `back` begins with the newest entry; `follow` doesn't end. */
  mode: 'past' | 'back' | 'follow'
  environment: string
  service: string | undefined
  /** A number. */
  release: string | undefined
  /** The cursor of the first entry, or `@` and seconds since 1970. */
  from?: string | undefined
  count?: number | undefined
  /** A text that is looked for over there, where that is possible. */
  contains?: string | undefined
}

/** Returns whether to go on. */
export type OnEntry = (entry: JournalEntry) => boolean | Promise<boolean>

/** The program there ends when it hears nothing for 30 s. */
const pulseMillis = 10_000
const goodbyeMillis = 2_000
/** A longer text is looked for here alone. */
const longestText = 200

/**
 * Reads the journal of a host until its end, until nobody wants more, or until the signal aborts.
 * @param onBegun called once the host answers, with its time in milliseconds since 1970
 * @throws YardError E_HOST_UNREACHABLE, E_HOST_AUTH, E_HOST_KEY, E_HOST_SETUP, E_STEP_FAILED
 */
export async function readJournal(
  shell: RemoteShell,
  reading: JournalReading,
  {onBegun, onEntry}: {onBegun?: (hostMillis: number) => void; onEntry: OnEntry},
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  let program: RemoteProgram | undefined
  let hasEnded = false
  const isOver = () => hasEnded || signal.aborted
  let goodbye: NodeJS.Timeout | undefined
  // Who is root there can't be signalled: it ends because its input does.
  const end = () => {
    hasEnded = true
    program?.endInput()
    goodbye ??= setTimeout(() => void program?.stop(), goodbyeMillis)
  }
  const from = {environment: reading.environment, host: shell.host}
  const hear = (line: string): Promise<void> | undefined => {
    if (isOver()) return undefined
    const [, micros] = /^clock (\d{1,16})$/.exec(line) ?? []
    if (micros !== undefined) onBegun?.(Math.floor(Number(micros) / 1_000))
    const entry = parseJournalEntry(line, from)
    const goesOn = entry === undefined ? true : onEntry(entry)
    if (typeof goesOn !== 'boolean') return goesOn.then((more) => (more ? undefined : end()))
    if (!goesOn) end()
    return undefined
  }
  let giveUp: (() => void) | undefined
  const aborted = new Promise<undefined>((resolve) => (giveUp = () => resolve(undefined)))
  const abort = () => {
    end()
    giveUp?.()
  }
  signal.addEventListener('abort', abort)
  let pulse: NodeJS.Timeout | undefined
  try {
    const starting = shell.stream(hostCommand(wordsOf(reading)), {onLine: hear})
    program = await Promise.race([starting, aborted])
    if (program === undefined) {
      // A machine that doesn't answer is not waited for.
      starting.then((late) => late.endInput()).catch(() => undefined)
      return
    }
    pulse = setInterval(() => void program?.write('.').catch(() => undefined), pulseMillis)
    if (isOver()) end()
    const result = await program.ended
    if (!isOver() && result.outcome !== 'succeeded') throw journalFault(shell.host, result)
  } finally {
    clearInterval(pulse)
    clearTimeout(goodbye)
    signal.removeEventListener('abort', abort)
  }
}

function wordsOf({contains, count, environment, from, mode, release, service}: JournalReading): string[] {
  const isSent = contains !== undefined && contains.length <= longestText && !/[\0\n]/.test(contains)
  return [
    'logs',
    mode,
    environment,
    service ?? '-',
    service === undefined ? '-' : (release ?? '-'),
    from ?? '-',
    count === undefined ? '-' : String(count),
    isSent && contains !== '' ? `=${contains}` : '-',
  ]
}

function journalFault(host: string, result: RemoteResult): YardError {
  const said = result.stderr.trim().split('\n').at(-1)?.slice(0, 500) ?? ''
  const what = `Can't read the logs on ${host}`
  const details = {host, step: 'logs', ...(said !== '' && {said})}
  if (result.outcome === 'lost' || result.outcome === 'timed-out') {
    const next: [string] = ['run the command again']
    return new YardError('E_HOST_UNREACHABLE', {what, why: 'the connection broke', next, details})
  }
  if (isHostUnready(result)) {
    const isOther = result.exitCode === hostExits.refused
    const missing = said === '' ? 'what yard puts there is missing' : printable(said)
    const why = isOther ? 'what yard put there is of another version than this yard' : missing
    return new YardError('E_HOST_SETUP', {what, why, next: [`yard host setup ${host}`], details})
  }
  const end = result.signal ?? `exit code ${result.exitCode ?? 'none'}`
  return new YardError('E_STEP_FAILED', {
    what,
    why: `journalctl there ended with ${end}${said === '' ? '' : `: ${printable(said)}`}`,
    next: ['journalctl --verify   # there', 'run the command again'],
    details,
  })
}
