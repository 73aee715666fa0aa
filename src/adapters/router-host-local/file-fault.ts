import {YardError} from '../../errors.js'

/** The error in the words of yard where it is one of the disk's or of rights; otherwise the error itself. */
export function fileFault(error: unknown, directory: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const what = `Can't write the HAProxy configuration in ${directory}`
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new YardError('E_DISK_FULL', {
      what,
      why: 'the disk is full',
      next: [`df -h ${directory}`],
      cause: error,
    })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new YardError('E_PERMISSION', {
      what,
      why: 'this user may not',
      next: [`ls -ld ${directory}`],
      cause: error,
    })
  }
  return error
}
