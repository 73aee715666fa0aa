import {type YardError} from '../errors.js'
import {paint} from './colors.js'
import {safeBlock} from './safe-text.js'

/** What happened, why, what to do next, and the code to look up. Some of it are words of other programs and machines. */
export function errorView(error: YardError): string {
  const lines = [`${paint.bad('✗')} ${paint.strong(safeBlock(error.what))}`, `  ${safeBlock(error.why)}`, '']
  lines.push(...nextLines(error.next))
  lines.push(paint.dim(`  ${error.code}, explained in docs/errors.md`))
  return lines.join('\n')
}

/** A failure that nobody can act on is a mistake in yard: it says so and how to report it. */
export function bugView(error: unknown, logFile: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error)
  const lines = [`${paint.bad('✗')} ${paint.strong('This is a bug in yard')}`, `  ${safeBlock(message)}`, '']
  if (logFile !== undefined) lines.push(`  The details are in ${logFile}`)
  lines.push('  Please report it with that file, and the command you ran.')
  return lines.join('\n')
}

function nextLines(next: readonly string[]): string[] {
  const [first = '', ...rest] = next.map(safeBlock)
  return [`  Next: ${paint.command(first)}`, ...rest.map((line) => `        ${paint.command(line)}`), '']
}
