import {identify, isOfThisBoot} from '../adapters/processes-local/process-table.js'
import {type LockIdentity} from '../catalog/locks.js'
import {ciRunUrl} from './ci-run.js'
import {type Yard} from './yard.js'

/** This program as the holder of locks, told from a later process with the same number by when it started. */
export function lockIdentity(yard: Pick<Yard, 'actor' | 'machine'>): LockIdentity {
  const ciUrl = ciRunUrl(process.env)
  return {
    holder: yard.actor,
    host: yard.machine,
    pid: process.pid,
    processStartedAt: identify(process.pid)?.startedAt ?? '',
    ...(ciUrl !== undefined && {ciUrl}),
    // Of another machine with this name nobody here can tell: its lock ends with its lease.
    isAlive: ({pid, processStartedAt}) =>
      !isOfThisBoot(processStartedAt) || identify(pid)?.startedAt === processStartedAt,
  }
}

/** Whether a process with this number lives on this machine. */
export function isProcessAlive(pid: number): boolean {
  return identify(pid) !== undefined
}
