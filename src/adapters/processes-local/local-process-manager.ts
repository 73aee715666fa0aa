import {mkdirSync, readdirSync, rmSync} from 'node:fs'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

import {
  type ManagedProcess,
  type ProcessManager,
  type ProcessSpec,
  type StopOutcome,
} from '../../contracts/process-manager.js'
import {sourceIdPattern} from '../../domain/logs/parts.js'
import {YardError} from '../../errors.js'
import {endGroup} from './group-end.js'
import {launchKeeper} from './keeper-launch.js'
import {lastLinesIn} from './last-lines.js'
import {ownerOf, takeOwnership} from './ownership.js'
import {groupOwnsPort} from './port-owner.js'
import {isAlive, type ProcessIdentity} from './process-table.js'
import {type KeeperLimits, type KeptStatus, readStatus, writeStatus, writeStopRequest} from './records.js'
import {idsIn, pruneStopped} from './stopped-directories.js'

export interface LocalProcessSettings {
  /** One directory in here for each process. */
  directory: string
  /** How a keeper is run: the program and its first arguments. */
  keeper: readonly [string, ...string[]]
  /** What every process gets besides the variables of its specification. */
  baseVariables: Readonly<Record<string, string>>
  limits?: Partial<KeeperLimits>
}

const pollMillis = 20
const startPatienceMillis = 60_000
/** A keeper that is not gone so long after the grace time is stuck. */
const stopPatienceMillis = 5_000

/** Processes of this machine, each looked after by a keeper of its own (docs/decisions/0006-keepers.md). */
export class LocalProcessManager implements ProcessManager {
  constructor(private readonly settings: LocalProcessSettings) {}

  async start(spec: ProcessSpec): Promise<void> {
    const directory = this.directoryOf(spec.id)
    const deadline = Date.now() + startPatienceMillis
    const {secrets} = spec
    const opened = secrets === undefined ? spec : {...spec, secrets: once(secrets)}
    mkdirSync(directory, {recursive: true, mode: 0o700})
    while (!isLookedAfter(directory)) {
      const owner = ownerOf(directory)
      // An owner that is not up yet, or on its way out, is waited for; without any, a keeper is started.
      if (owner === undefined)
        await launchKeeper(this.settings, directory, opened, () => isLookedAfter(directory))
      else await sleep(pollMillis)
      if (Date.now() > deadline) throw tooSlow(spec.id, owner)
    }
    pruneStopped(this.settings.directory)
  }

  async stop(id: string, graceMillis: number): Promise<StopOutcome> {
    const directory = this.directoryOf(id)
    for (;;) {
      const owner = ownerOf(directory)
      const status = readStatus(directory)
      if (owner !== undefined && isSame(status?.keeper, owner)) {
        await askToStop(directory, owner, graceMillis)
        const after = readStatus(directory)
        if (after?.state === 'stopped' && isSame(after.keeper, owner))
          return after.stopOutcome ?? 'terminated'
      }
      const outcome =
        ownerOf(directory) === undefined ? await stopWithoutKeeper(directory, graceMillis) : undefined
      if (outcome !== undefined) return outcome
      await sleep(pollMillis)
    }
  }

  async list(): Promise<ManagedProcess[]> {
    return idsIn(this.settings.directory).flatMap((id) => {
      const directory = this.directoryOf(id)
      const status = readStatus(directory)
      return status === undefined ? [] : managed(id, status, isSame(status.keeper, ownerOf(directory)))
    })
  }

  async ownsPort(id: string, port: number): Promise<boolean | undefined> {
    const child = readStatus(this.directoryOf(id))?.child
    return child === undefined ? false : groupOwnsPort(child, port)
  }

  async lastLines(id: string, count: number): Promise<string[]> {
    return lastLinesIn(this.directoryOf(id), count)
  }

  private directoryOf(id: string): string {
    if (!sourceIdPattern.test(id)) throw new Error(`not a process id: ${JSON.stringify(id.slice(0, 200))}`)
    return path.join(this.settings.directory, id)
  }
}

/** However many keepers have to be tried. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= ask())
}

function tooSlow(id: string, owner: ProcessIdentity | undefined): Error {
  if (owner === undefined) return new Error(`no keeper of ${id} came up`)
  return new YardError('E_CONFLICT', {
    what: `Can't start ${id}`,
    why: `process ${owner.pid} is still ending the one before it`,
    next: [`ps -fp ${owner.pid}`, 'run the command again'],
  })
}

/** A living keeper has made its first start, and was not asked to stop. */
function isLookedAfter(directory: string): boolean {
  const status = readStatus(directory)
  if (status?.state !== 'running' && status?.state !== 'backing-off') return false
  return isSame(status.keeper, ownerOf(directory))
}

async function askToStop(directory: string, keeper: ProcessIdentity, graceMillis: number): Promise<void> {
  writeStopRequest(directory, {graceMillis})
  signal(keeper, 'SIGTERM')
  const deadline = Date.now() + graceMillis + stopPatienceMillis
  while (isAlive(keeper)) {
    if (Date.now() > deadline) signal(keeper, 'SIGKILL')
    await sleep(pollMillis)
  }
}

/** Ends what a killed keeper left, and calls off a keeper that is not up yet. Undefined when another one got in first. */
async function stopWithoutKeeper(directory: string, graceMillis: number): Promise<StopOutcome | undefined> {
  let release
  try {
    release = takeOwnership(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'not-running'
    throw error
  }
  if (release === undefined) return undefined
  try {
    removePendingSpecs(directory)
    const status = readStatus(directory)
    if (status?.child === undefined) return 'not-running'
    const killAt = Date.now() + graceMillis
    const outcome = await endGroup(status.child, () => killAt)
    if (status.state !== 'stopped') {
      writeStatus(directory, {
        ...status,
        state: 'stopped',
        since: new Date().toISOString(),
        stopOutcome: outcome,
      })
    }
    return outcome
  } finally {
    release()
  }
}

function removePendingSpecs(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith('next-')) rmSync(path.join(directory, name), {force: true})
  }
}

/** What was stopped as asked is no longer looked after. What lost its keeper is: it must be started again or stopped. */
function managed(id: string, status: KeptStatus, hasKeeper: boolean): ManagedProcess[] {
  if (status.state === 'stopped') return []
  const {since, restarts, lastExit, nextStartAt, child} = status
  const state = !hasKeeper ? 'stopped' : status.state === 'backing-off' ? 'backing-off' : 'running'
  return [
    {
      id,
      state,
      since,
      restarts,
      ...(state === 'running' && child !== undefined && {pid: child.pid}),
      ...(lastExit !== undefined && {lastExit}),
      ...(state === 'backing-off' && nextStartAt !== undefined && {nextStartAt}),
    },
  ]
}

function isSame(one: ProcessIdentity | undefined, other: ProcessIdentity | undefined): boolean {
  return one !== undefined && one.pid === other?.pid && one.startedAt === other.startedAt
}

function signal(target: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isAlive(target)) process.kill(target.pid, name)
  } catch {
    // It ended in between.
  }
}
