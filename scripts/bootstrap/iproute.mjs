// Tries to have the program `ip` for tests on several machines: they are network namespaces, which only root makes.
import {ensureProgram, findProgram} from './system-package.mjs'

/** Returns a path; undefined where none can be had, or where it would be of no use: then those tests are skipped. */
export function ensureIp() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const found = ensureProgram(ip())
  if (found === undefined) {
    console.error(
      "ip is missing and can't be installed without your help; the tests on several machines are skipped.\n" +
        'To run them: apt-get install -y iproute2, or dnf install -y iproute',
    )
  }
  return found
}

export function findIp() {
  return findProgram(ip())
}

function ip() {
  return {
    program: 'ip',
    override: undefined,
    versionArguments: ['-V'],
    debian: 'iproute2',
    dnf: 'iproute',
    brew: 'iproute2mac',
    unpacked: 'usr/bin/ip',
  }
}
