import {type ChildProcess, spawn} from 'node:child_process'

import {YardError} from '../../errors.js'
import {programVariables} from './programs.js'
import {type FleetSettings} from './settings.js'

export interface FileLockOptions {
  waitMillis: number
  signal?: AbortSignal
}

/**
 * Does the work while no other program of this machine holds the directory. Its lock is the system's own, and ends with
 * this program however that ends.
 * @throws YardError E_FLEET when another one holds it for longer than that
 */
export async function withFileLock<T>(
  settings: Pick<FleetSettings, 'variables'>,
  directory: string,
  options: FileLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const seconds = String(Math.ceil(options.waitMillis / 1_000))
  // It holds the lock until its stdin ends, which is when this program ends.
  const holder = spawn(
    'flock',
    ['--exclusive', '--timeout', seconds, directory, 'sh', '-c', 'echo held; exec cat >/dev/null'],
    {stdio: ['pipe', 'pipe', 'ignore'], env: programVariables(settings.variables)},
  )
  const ended = new Promise<void>((resolve) => {
    holder.once('close', () => resolve())
    holder.once('error', () => resolve())
  })
  const letGo = () => holder.stdin.end()
  const abort = () => holder.kill('SIGKILL')
  options.signal?.addEventListener('abort', abort, {once: true})
  try {
    const isHeld = await hears(holder, ended)
    options.signal?.throwIfAborted()
    if (!isHeld) throw isBusy(directory)
    return await work()
  } finally {
    options.signal?.removeEventListener('abort', abort)
    letGo()
    await ended
  }
}

/** False when it ended without having got the lock. */
async function hears(holder: ChildProcess, ended: Promise<void>): Promise<boolean> {
  const said = new Promise<boolean>((resolve) => holder.stdout?.once('data', () => resolve(true)))
  return Promise.race([said, ended.then(() => false)])
}

function isBusy(directory: string): YardError {
  return new YardError('E_FLEET', {
    what: "Can't work on the practice fleet",
    why: `another program is at work on ${directory}`,
    next: ['yard fleet status', 'yard fleet up   # once the other one is done'],
  })
}
