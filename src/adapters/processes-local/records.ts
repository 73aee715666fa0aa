import {closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync} from 'node:fs'
import path from 'node:path'

import {type ProcessSpec, type StopOutcome} from '../../contracts/process-manager.js'
import {type ProcessIdentity} from './process-table.js'

/** The files of a process directory besides its log and `owner.*`. */
export const specFileName = 'spec.json'
export const statusFileName = 'status.json'
export const stopFileName = 'stop.json'

/** Times of restarts and sizes of logs; tests make them small. */
export interface KeeperLimits {
  firstPauseMillis: number
  longestPauseMillis: number
  /** After running so long, the pause before the next start is the first one again. */
  steadyMillis: number
  /** When nobody said how long to wait before SIGKILL. */
  graceMillis: number
  partBytes: number
  keptParts: number
}

export const usualLimits: KeeperLimits = {
  firstPauseMillis: 500,
  longestPauseMillis: 30_000,
  steadyMillis: 30_000,
  graceMillis: 10_000,
  partBytes: 10_000_000,
  keptParts: 5,
}

/** What the keeper is told to run. Holds the variables of the process, so only its owner may read the file. */
export interface KeptSpec extends Omit<ProcessSpec, 'secrets'> {
  limits: KeeperLimits
  /** The secrets themselves come over a pipe. */
  hasSecrets: boolean
}

export interface KeptStatus {
  keeper: ProcessIdentity
  /** The leader of the group that runs, or ran last. */
  child?: ProcessIdentity
  state: 'starting' | 'running' | 'backing-off' | 'stopping' | 'stopped'
  since: string
  restarts: number
  lastExit?: string
  nextStartAt?: string
  stopOutcome?: StopOutcome
}

export interface StopRequest {
  graceMillis: number
}

/** Wide enough for any status: while the disk is full, a status is written over the one before it. */
const statusBytes = 2_048

export function writeStatus(directory: string, status: KeptStatus): void {
  const file = path.join(directory, statusFileName)
  const text = `${JSON.stringify(status).padEnd(statusBytes - 1)}\n`
  try {
    writeWhole(file, text)
  } catch {
    writeOver(file, text)
  }
}

/** Undefined when there is none that can be trusted. */
export function readStatus(directory: string): KeptStatus | undefined {
  const value = readJson(path.join(directory, statusFileName)) as Partial<KeptStatus> | undefined
  if (value === undefined || !isIdentity(value.keeper)) return undefined
  if (value.child !== undefined && !isIdentity(value.child)) return undefined
  if (!states.has(value.state ?? '') || typeof value.since !== 'string') return undefined
  return typeof value.restarts === 'number' ? (value as KeptStatus) : undefined
}

export function writeStopRequest(directory: string, request: StopRequest): void {
  writeWhole(path.join(directory, stopFileName), JSON.stringify(request))
}

export function readStopRequest(directory: string): StopRequest | undefined {
  const value = readJson(path.join(directory, stopFileName)) as Partial<StopRequest> | undefined
  const graceMillis = value?.graceMillis
  return typeof graceMillis === 'number' && graceMillis >= 0 ? {graceMillis} : undefined
}

/** Written by yard's own adapter into a directory that only this user can write; checked for its shape all the same. */
export function readSpec(file: string): KeptSpec | undefined {
  const value = readJson(file) as Partial<KeptSpec> | undefined
  if (typeof value?.id !== 'string' || typeof value.directory !== 'string') return undefined
  if (typeof value.command !== 'object' || typeof value.variables !== 'object') return undefined
  const hasSecrets = value.hasSecrets === true
  return {...value, limits: {...usualLimits, ...value.limits}, hasSecrets} as KeptSpec
}

/** The file appears complete or not at all, and only this user may read it. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`
  try {
    writeFileSync(draft, text, {mode: 0o600})
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, {force: true})
    throw error
  }
}

function writeOver(file: string, text: string): void {
  try {
    const descriptor = openSync(file, 'r+')
    try {
      writeSync(descriptor, text, 0)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // Neither way works: the directory was removed, or the disk was full from the start.
  }
}

function readJson(file: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const states: ReadonlySet<string> = new Set(['starting', 'running', 'backing-off', 'stopping', 'stopped'])

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const {pid, startedAt} = value as Partial<ProcessIdentity>
  return Number.isSafeInteger(pid) && typeof startedAt === 'string'
}
