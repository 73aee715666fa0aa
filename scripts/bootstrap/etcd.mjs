// Tries to have an etcd for the tests: the system's, or one unpacked into the user's cache.
import {ensureProgram, findProgram} from './system-package.mjs'

/** Returns a path; undefined, after saying so, where none can be had: then the tests that need one are skipped. */
export function ensureEtcd() {
  const found = attemptEtcd()
  if (found !== undefined) return found
  console.error(
    [
      "etcd is missing and can't be installed without your help; the tests that need it are skipped.",
      'To run them, one of:',
      '  sudo apt-get install -y etcd-server # Debian, Ubuntu',
      '  sudo dnf install -y etcd            # Fedora',
      '  brew install etcd                   # macOS',
    ].join('\n'),
  )
  return undefined
}

export function findEtcd() {
  return findProgram(etcd())
}

function attemptEtcd() {
  try {
    return ensureProgram(etcd())
  } catch (error) {
    console.error(`etcd can't be installed: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function etcd() {
  return {
    program: 'etcd',
    override: process.env.YARD_ETCD,
    versionArguments: ['--version'],
    debian: 'etcd-server',
    dnf: 'etcd',
    brew: 'etcd',
    unpacked: 'usr/bin/etcd',
    startsService: true,
  }
}
