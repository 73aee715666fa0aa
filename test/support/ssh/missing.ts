import {execFileSync} from 'node:child_process'

import {findSshd} from '../../../scripts/bootstrap/sshd.mjs'

/** Why tests with a real sshd can't run here; undefined when they can. */
export function sshdMissing(): string | undefined {
  if (process.platform === 'win32') return 'sshd is stopped by signals'
  if (findSshd() === undefined) return 'sshd is not installed'
  if (!works('ssh-keygen', ['-?'])) return 'ssh-keygen is not installed'
  if (process.getuid?.() === 0 && !works('id', ['sshd']))
    return 'root has no user sshd to separate privileges'
  return undefined
}

function works(file: string, args: readonly string[]): boolean {
  try {
    execFileSync(file, args, {stdio: 'ignore'})
    return true
  } catch (error) {
    return file === 'ssh-keygen' && (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
