import {run} from '@oclif/core'

import {useColors} from '../terminal/colors.js'
import {bugView, errorView} from '../terminal/error-view.js'
import {writeBugReport} from './bug-report.js'
import {classifyFailure} from './failure.js'
import {colorSettings} from './terminal-settings.js'

/** Runs one command line and ends the process with its exit code. `root` is the installed package's directory. */
export async function runCli(root: string, argv: string[]): Promise<void> {
  endQuietlyWhenNobodyReads()
  useColors(colorSettings(argv))
  try {
    await run(withoutNoColor(argv), {root})
  } catch (error) {
    process.exitCode = showFailure(error, argv, root)
  }
  await Promise.all([process.stdout, process.stderr].map(flushed))
  process.exit()
}

/** `yard logs tail | head -1` closes our output: that is the reader's wish, not a failure. */
function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      throw error
    })
  }
}

function showFailure(error: unknown, argv: readonly string[], root: string): number {
  const failure = classifyFailure(error, argv)
  if (failure.kind === 'ended') return failure.exitCode
  const asJson = wantsJson(argv)
  if (failure.kind === 'bug') {
    const logFile = writeBugReport(root, failure.error, argv)
    const message = failure.error instanceof Error ? failure.error.message : String(failure.error)
    if (asJson) printJson({error: {code: 'BUG', what: 'This is a bug in yard', why: message, log: logFile}})
    process.stderr.write(`${bugView(failure.error, logFile)}\n`)
    return 1
  }
  const {code, what, why, next, details, exitCode} = failure.error
  if (asJson) printJson({error: {code, what, why, next, exitCode, ...(details && {details})}})
  else process.stderr.write(`${errorView(failure.error)}\n`)
  return exitCode
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}

/** Handled here for every command; oclif would call it an unknown flag. */
function withoutNoColor(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.filter((word, index) => word !== '--no-color' || (end !== -1 && index > end))
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
