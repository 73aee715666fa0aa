import {type ChildProcess, spawn} from 'node:child_process'
import {type Readable, Writable} from 'node:stream'

import {type ProcessCommand} from '../../contracts/process-manager.js'
import {identify, type ProcessIdentity} from './process-table.js'

/**
 * Waits for a go on descriptor 3 and then becomes the program. Should the keeper be killed between starting it and
 * writing down its number, the wait ends without a go and nothing is left behind that nobody knows of.
 */
const gate = 'read -r yard_gate <&3 || exit 125; exec "$@" 3<&-'

export interface Child {
  identity: ProcessIdentity
  /** Lets the program begin. */
  open(): void
  /** How it ended: `exit 1`, `SIGSEGV`. */
  ended: Promise<string>
  /** Resolves when all output was heard; gives up on processes that left the group and still hold the pipes. */
  drained(waitMillis: number): Promise<void>
}

export interface ChildOutput {
  onChunk(stream: 'stdout' | 'stderr', chunk: Buffer): void
  onEnd(stream: 'stdout' | 'stderr'): void
}

/** Starts the process in a process group and session of its own. Returns the reason when that can't be done. */
export async function startChild(
  spec: {command: ProcessCommand; directory: string; variables: Record<string, string>},
  output: ChildOutput,
): Promise<Child | string> {
  const child = spawn('/bin/sh', ['-c', gate, 'yard', ...words(spec.command)], {
    cwd: spec.directory,
    env: spec.variables,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code ?? 0}`))
  })
  const failure = await started(child)
  if (failure !== undefined) return failure.message
  const [, stdout, stderr, go] = child.stdio
  if (stdout === null || stderr === null || !(go instanceof Writable))
    throw new Error('no pipes to the process')
  listen('stdout', stdout, output)
  listen('stderr', stderr, output)
  // It may have been killed before it was let go.
  go.on('error', () => undefined)
  const identity = identify(child.pid ?? 0) ?? {pid: child.pid ?? 0, startedAt: 'ended'}
  return {
    identity,
    open: () => void go.end('\n'),
    ended,
    drained: (waitMillis) => drained([stdout, stderr], waitMillis),
  }
}

function words(command: ProcessCommand): string[] {
  return 'line' in command ? ['/bin/sh', '-c', command.line] : [command.file, ...command.args]
}

function started(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(undefined))
    child.once('error', resolve)
  })
}

function listen(name: 'stdout' | 'stderr', stream: Readable, output: ChildOutput): void {
  stream.on('data', (chunk: Buffer) => output.onChunk(name, chunk))
  stream.once('close', () => output.onEnd(name))
  stream.on('error', () => stream.destroy())
}

async function drained(streams: readonly Readable[], waitMillis: number): Promise<void> {
  const giveUp = setTimeout(() => streams.forEach((stream) => stream.destroy()), waitMillis)
  for (const stream of streams) {
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve))
  }
  clearTimeout(giveUp)
}
