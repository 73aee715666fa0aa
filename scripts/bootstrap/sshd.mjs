// Tries to have an sshd for the tests: the system's, or one unpacked into the user's cache.
import {ensureProgram, findProgram} from './system-package.mjs'

/** Returns a path; undefined, after saying so, where none can be had: then the tests that need one are skipped. */
export function ensureSshd() {
  const found = attemptSshd()
  if (found !== undefined) return found
  console.error(
    [
      "sshd is missing and can't be installed without your help; the tests that need it are skipped.",
      'To run them, one of:',
      '  sudo apt-get install -y openssh-server # Debian, Ubuntu',
      '  sudo dnf install -y openssh-server     # Fedora',
    ].join('\n'),
  )
  return undefined
}

export function findSshd() {
  return findProgram(sshd())
}

function attemptSshd() {
  try {
    return ensureProgram(sshd())
  } catch (error) {
    console.error(`sshd can't be installed: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function sshd() {
  return {
    program: 'sshd',
    override: process.env.YARD_SSHD,
    debian: 'openssh-server',
    dnf: 'openssh-server',
    brew: 'openssh',
    unpacked: 'usr/sbin/sshd',
    startsService: true,
  }
}
