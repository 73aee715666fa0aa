import {YardError} from '../../errors.js'

/** Gives failures of the disk the three parts a person needs. */
export async function translated<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const {code, path: place} = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new YardError('E_DISK_FULL', {
        what,
        why: `no space is left on the disk that holds ${place ?? "yard's state directory"}`,
        next: ['df -h', 'free some space and run the command again'],
        cause: error,
      })
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new YardError('E_PERMISSION', {
        what,
        why: `this user may not write ${place ?? "yard's state directory"}`,
        next: [`ls -ld ${place ?? '.'}`, 'yard doctor'],
        cause: error,
      })
    }
    throw error
  }
}
