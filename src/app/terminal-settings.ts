import {type ColorSettings} from '../terminal/colors.js'

/**
 * Colours are for terminals, and off where the user said so (no-color.org) or nothing can show them. Results go to
 * stdout and the rest to stderr, so both must be one: neither a pipe nor a file of errors gets escapes.
 */
export function colorSettings(argv: readonly string[]): ColorSettings {
  const {NO_COLOR, TERM} = process.env
  const isRefused = NO_COLOR !== undefined && NO_COLOR !== ''
  return {
    isTerminal: process.stdout.isTTY && process.stderr.isTTY,
    isPlain: isRefused || TERM === 'dumb' || argv.includes('--no-color') || argv.includes('--json'),
  }
}

/** Whether a list of steps can be redrawn in place on stderr. Some wrappers give a terminal that has no width. */
export function isLiveTerminal(): boolean {
  const {CI, TERM} = process.env
  return (
    process.stderr.isTTY && process.stderr.columns > 0 && TERM !== 'dumb' && (CI === undefined || CI === '')
  )
}

/** Whether a person can be asked: both what is typed and what is shown must be a terminal. */
export function isInteractive(): boolean {
  const {CI} = process.env
  return process.stdin.isTTY && process.stderr.isTTY && (CI === undefined || CI === '')
}
