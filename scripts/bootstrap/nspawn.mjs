// Tries to have what boots a Debian of its own for tests: systemd-nspawn, which only root runs, and debootstrap.
import {ensureProgram, findProgram} from './system-package.mjs'

/** Returns whether both are there; where they can't be had, or would be of no use, those tests are skipped. */
export function ensureNspawn() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const missing = [nspawn(), debootstrap()].filter((wanted) => ensureProgram(wanted) === undefined)
  if (missing.length === 0) return true
  console.error(
    `${missing.map(({program}) => program).join(' and ')} can't be installed without your help; ` +
      'the tests on a machine that boots systemd are skipped.\n' +
      'To run them: apt-get install -y systemd-container debootstrap, or dnf install -y systemd-container debootstrap',
  )
  return false
}

export function findNspawn() {
  return findProgram(nspawn())
}

function nspawn() {
  return {
    program: 'systemd-nspawn',
    override: undefined,
    versionArguments: ['--version'],
    debian: 'systemd-container',
    dnf: 'systemd-container',
    brew: 'systemd-container',
    unpacked: 'usr/bin/systemd-nspawn',
  }
}

function debootstrap() {
  return {
    program: 'debootstrap',
    override: undefined,
    versionArguments: ['--version'],
    debian: 'debootstrap',
    dnf: 'debootstrap',
    brew: 'debootstrap',
    unpacked: 'usr/sbin/debootstrap',
  }
}
