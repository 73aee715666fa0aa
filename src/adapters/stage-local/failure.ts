import path from 'node:path'

import {type ErrorCode, YardError} from '../../errors.js'

const causes: Record<string, [code: ErrorCode, why: string]> = {
  ENOSPC: ['E_DISK_FULL', 'the disk is full'],
  EDQUOT: ['E_DISK_FULL', 'your quota on this disk is used up'],
  EACCES: ['E_PERMISSION', "you aren't allowed to write there"],
  EPERM: ['E_PERMISSION', "you aren't allowed to write there"],
  EROFS: ['E_PERMISSION', 'the disk is read-only'],
  ENOTEMPTY: ['E_TARGET_EXISTS', 'something else appeared there meanwhile'],
  EEXIST: ['E_TARGET_EXISTS', 'something else appeared there meanwhile'],
  ENOTDIR: ['E_TARGET_EXISTS', 'a file or a link stands there'],
  ENAMETOOLONG: ['E_USAGE', 'the path is too long'],
}

/** Runs file operations for a target; what the system refuses becomes an error a person can act on. */
export function translated<T>(target: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const known = causes[(error as NodeJS.ErrnoException).code ?? '']
    if (known === undefined) throw error
    const [code, why] = known
    const directory = path.dirname(target)
    const look = code === 'E_DISK_FULL' ? `df -h ${directory}` : `ls -la ${directory}`
    throw new YardError(code, {what: `Can't make ${target}`, why, next: [look], cause: error})
  }
}
