import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {yardPaths} from './paths.js'

/** Writes what is needed to find a bug of yard's; returns the file, or undefined when even that can't be written. */
export function writeBugReport(root: string, error: unknown, argv: readonly string[]): string | undefined {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const lines = [
    // What follows a `=` may be a secret.
    `yard ${argv.map((word) => word.replace(/=[^]*$/, '=…')).join(' ')}`,
    `node ${process.version} ${process.platform} ${process.arch}`,
    text,
    '',
  ]
  try {
    const directory = path.join(yardPaths(root, process.env).state, 'bugs')
    mkdirSync(directory, {recursive: true, mode: 0o700})
    const file = path.join(directory, `${new Date().toISOString().replaceAll(':', '-')}.log`)
    writeFileSync(file, lines.join('\n'), {mode: 0o600})
    return file
  } catch {
    return undefined
  }
}
