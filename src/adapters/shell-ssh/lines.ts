import {commandLine} from './quote.js'

export interface LineParts {
  file: string
  args: readonly string[]
  deadlineMillis?: number | undefined
}

/** What may run for longer than this may also outlive the connection, and whoever would end it. */
const shortMillis = 60_000

/**
 * A line for a login shell. First it prints the mark, a plain word, on both streams: what a login shell itself prints
 * comes before it. Behind the mark on stdout stands the number of the process, which becomes the program's; not from fish,
 * which has another name for it and fails there. @throws YardError E_USAGE for what can't be put into a line
 */
export function programLine(mark: string, {args, deadlineMillis, file}: LineParts, isTimed: boolean): string {
  const isLong = deadlineMillis !== undefined && (isTimed || deadlineMillis > shortMillis)
  const limit = isLong ? ['timeout', '-k', '2', String(Math.ceil(deadlineMillis / 1000) + 1)] : []
  return [
    `eval 'printf "%s %s\\n" ${mark} $$' || printf '%s\\n' ${mark}`,
    `printf '%s\\n' ${mark} >&2`,
    `exec ${commandLine([...limit, file, ...args])}`,
  ].join('; ')
}

/** sshd makes what it runs the leader of a group; a login shell that stays in between does not. */
const killing = `tell() { kill -s "$1" -- "-$2" 2>/dev/null || kill -s "$1" -- "$2" 2>/dev/null; }
tell TERM "$1" || exit 0
for count in 1 2 3 4 5 6 7 8 9 10; do
  sleep 0.2
  tell 0 "$1" || exit 0
done
tell KILL "$1"`

/** Ends a program and what it started, by the number that it printed; undefined when it printed none. */
export function killingLine(pid: string): string | undefined {
  return /^[1-9]\d*$/.test(pid) && pid !== '1'
    ? `exec ${commandLine(['sh', '-c', killing, 'sh', pid])}`
    : undefined
}
