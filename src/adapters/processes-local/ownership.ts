import {randomBytes} from 'node:crypto'
import {linkSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {identify, isAlive, type ProcessIdentity} from './process-table.js'

/*
 * At most one living process owns a process directory. The owner is named in the `owner.<number>` file with the
 * highest number: created with its content by one link, so never half written; emptied to give the ownership up.
 * The highest file is never removed, so two processes that find a dead owner can't both become its successor.
 */

/** Gives the ownership up. */
export type Release = () => void

/** Makes this process the owner, or returns undefined while another living one is. */
export function takeOwnership(directory: string): Release | undefined {
  const before = newestOwnerFile(directory)
  if (before > 0 && livingIn(ownerFile(directory, before)) !== undefined) return undefined
  const self = identify(process.pid)
  if (self === undefined) throw new Error('this process is not in the process table')
  const mine = ownerFile(directory, before + 1)
  if (!createWith(mine, `${self.pid} ${self.startedAt}`, directory)) return undefined
  if (newestOwnerFile(directory) !== before + 1) {
    rmSync(mine, {force: true})
    return undefined
  }
  removeOlder(directory, before + 1)
  return () => {
    try {
      truncateSync(mine)
    } catch {
      // The directory is gone, and the ownership with it.
    }
  }
}

/** The living owner of the directory. */
export function ownerOf(directory: string): ProcessIdentity | undefined {
  const newest = newestOwnerFile(directory)
  return newest === 0 ? undefined : livingIn(ownerFile(directory, newest))
}

function createWith(file: string, content: string, directory: string): boolean {
  const draft = path.join(directory, `owner-draft-${randomBytes(8).toString('hex')}`)
  try {
    writeFileSync(draft, content, {mode: 0o600, flag: 'wx'})
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, {force: true})
  }
}

function livingIn(file: string): ProcessIdentity | undefined {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const [, pid, startedAt] = /^([0-9]{1,10}) (.{1,200})$/.exec(content) ?? []
  if (pid === undefined || startedAt === undefined) return undefined
  const owner = {pid: Number(pid), startedAt}
  return isAlive(owner) ? owner : undefined
}

function newestOwnerFile(directory: string): number {
  return Math.max(0, ...ownerNumbers(directory))
}

function ownerNumbers(directory: string): number[] {
  return namesIn(directory).flatMap((name) => {
    const digits = /^owner\.([1-9][0-9]{0,14})$/.exec(name)?.[1]
    return digits === undefined ? [] : [Number(digits)]
  })
}

function removeOlder(directory: string, newest: number): void {
  for (const number of ownerNumbers(directory)) {
    if (number < newest) rmSync(ownerFile(directory, number), {force: true})
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function ownerFile(directory: string, number: number): string {
  return path.join(directory, `owner.${number}`)
}
