import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath, pathToFileURL} from 'node:url'

import {type ProcessSpec} from '../../../src/contracts/process-manager.js'
import {type KeeperLimits, LocalProcessManager} from '../../../src/adapters/processes-local/index.js'

const project = fileURLToPath(new URL('../../../', import.meta.url))

/** Runs the keeper from its source. */
export const keeperFromSource: [string, ...string[]] = [
  process.execPath,
  '--import',
  pathToFileURL(path.join(project, 'node_modules/tsx/dist/esm/index.mjs')).href,
  path.join(project, 'src/adapters/processes-local/keeper.ts'),
]

export const quickLimits: Partial<KeeperLimits> = {
  firstPauseMillis: 50,
  longestPauseMillis: 400,
  steadyMillis: 5_000,
  graceMillis: 300,
}

/** A temporary directory with real processes in it; `clear` ends whatever is left of them. */
export class Playground {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'yard-processes-'))
  readonly processes = path.join(this.directory, 'processes')

  manager(limits: Partial<KeeperLimits> = quickLimits): LocalProcessManager {
    return new LocalProcessManager({
      directory: this.processes,
      keeper: keeperFromSource,
      baseVariables: {PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: this.directory},
      limits,
    })
  }

  spec(id: string, command: ProcessSpec['command'], more: Partial<ProcessSpec> = {}): ProcessSpec {
    return {
      id,
      command,
      labels: {environment: 'local', service: 'hello', instance: id},
      directory: this.directory,
      variables: {},
      ...more,
    }
  }

  file(id: string, name: string): string {
    return path.join(this.processes, id, name)
  }

  status(id: string): {keeper: {pid: number}; child?: {pid: number}; state: string; restarts: number} {
    return JSON.parse(readFileSync(this.file(id, 'status.json'), 'utf8')) as never
  }

  log(id: string): string {
    return readFileSync(this.file(id, 'current.log'), 'utf8')
  }

  /** The process's own program is at work: it has written a line `begun`. */
  hasBegun(id: string): Promise<boolean> {
    return eventually('it has begun', async () => (await this.manager().lastLines(id, 5)).includes('begun'))
  }

  /** Command lines of living processes that mention this playground or one of the given words, found by `ps`. */
  living(...words: string[]): string[] {
    const rows = execFileSync('ps', ['-eo', 'pid=,stat=,args='], {encoding: 'utf8'}).split('\n')
    const wanted = [this.directory, ...words]
    return rows.filter((row) => !/^\s*\d+\s+Z/.test(row) && wanted.some((word) => row.includes(word)))
  }

  async clear(): Promise<void> {
    const manager = this.manager()
    for (const {id} of await manager.list()) await manager.stop(id, 100)
    const left = this.living()
    for (const row of left) {
      try {
        process.kill(Number(row.trim().split(/\s+/)[0]), 'SIGKILL')
      } catch {
        // It ended in between.
      }
    }
    rmSync(this.directory, {recursive: true, force: true})
  }
}

/** Asks until the answer is neither undefined nor false. */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  withinMillis = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMillis
  for (;;) {
    let answer: T | undefined | false
    try {
      answer = await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`not within ${withinMillis} ms: ${what}`)
    await sleep(20)
  }
}

export function isLiving(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
