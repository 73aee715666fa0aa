import {YardError} from '../../errors.js'

export function isMissing(error: unknown): boolean {
  const {code} = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** What the system's error means for a person; an error that isn't the system's stays as it is. */
export function translated(error: unknown, what: string, place: string): unknown {
  if (error instanceof YardError) return error
  const {code} = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new YardError('E_DISK_FULL', {
      what,
      why: 'no space is left on the disk',
      next: ['df -h', 'free some space and run the command again'],
      cause: error,
    })
  }
  const why = reasons.get(code ?? '')
  if (why === undefined) return error
  return new YardError('E_PERMISSION', {what, why, next: [`ls -ld ${place}`], cause: error})
}

const reasons = new Map([
  ['EACCES', 'the system does not allow it for this user'],
  ['EPERM', 'the system does not allow it for this user'],
  ['EROFS', 'the file system is read-only'],
  ['EISDIR', 'it is a directory'],
  ['ELOOP', 'its links lead round in a circle'],
  ['ENAMETOOLONG', 'its name is too long'],
])
