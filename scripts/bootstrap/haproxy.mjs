// Makes sure there is an haproxy to run: the system's, or one unpacked into the user's cache.
import {ensureProgram} from './system-package.mjs'

/** Returns a path, or stops the process with the line to type. */
export function ensureHaproxy() {
  const found = ensureProgram(haproxy())
  if (found !== undefined) return found
  console.error(
    [
      "haproxy is missing and can't be installed without your help.",
      'Next, one of:',
      '  sudo apt-get install -y haproxy     # Debian, Ubuntu',
      '  sudo dnf install -y haproxy         # Fedora, RHEL',
      '  brew install haproxy                # macOS',
    ].join('\n'),
  )
  process.exit(4)
}

function haproxy() {
  return {
    program: 'haproxy',
    override: process.env.YARD_HAPROXY,
    versionArguments: ['-v'],
    debian: 'haproxy',
    dnf: 'haproxy',
    brew: 'haproxy',
    unpacked: 'usr/sbin/haproxy',
  }
}
