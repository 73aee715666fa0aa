import {type Command} from '@oclif/core'

import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../src/catalog/catalog.js'

export interface Ran {
  stdout: string
  stderr: string
  /** What the command threw; the program would show it and end with its exit code. */
  error: unknown
}

/** Taken once: a test may work in another directory. */
const programRoot = process.cwd()

type CommandClass = typeof Command & {run(argv: string[], options: {root: string}): Promise<unknown>}

/** Runs a command in this program with a state directory of its own, and catches what it shows. */
export async function runCommand(command: unknown, argv: string[], stateDirectory: string): Promise<Ran> {
  const ran: Ran = {stdout: '', stderr: '', error: undefined}
  const restore = [
    catching(process.stdout, (text) => (ran.stdout += text)),
    catching(process.stderr, (text) => (ran.stderr += text)),
  ]
  const before = process.env['YARD_STATE_DIR']
  process.env['YARD_STATE_DIR'] = stateDirectory
  try {
    await (command as CommandClass).run(argv, {root: programRoot})
  } catch (error) {
    ran.error = error
  } finally {
    if (before === undefined) delete process.env['YARD_STATE_DIR']
    else process.env['YARD_STATE_DIR'] = before
    for (const undo of restore) undo()
  }
  return ran
}

/** Writes records into the catalog of a state directory, past every check. */
export async function plantRecords(stateDirectory: string, entries: Record<string, unknown>): Promise<void> {
  const catalog = new Catalog(await openSqliteStore({file: `${stateDirectory}/catalog.db`}))
  const writes = Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)}))
  await catalog.store.transact([], writes)
  await catalog.store.close()
}

function catching(stream: NodeJS.WriteStream, hear: (text: string) => void): () => void {
  const write = stream.write.bind(stream)
  stream.write = (text: string | Uint8Array, ...rest: unknown[]) => {
    hear(typeof text === 'string' ? text : Buffer.from(text).toString())
    const done = rest.find((each) => typeof each === 'function') as (() => void) | undefined
    done?.()
    return true
  }
  return () => {
    stream.write = write
  }
}
