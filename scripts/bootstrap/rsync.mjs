// Tries to have rsync, for the bench that measures beside it.
import path from 'node:path'

import {ensureProgram} from './system-package.mjs'

/**
 * Returns the words that start it, here and on a machine that is this one; undefined when it can't be had. Debian's
 * package would start a service, so it's rather unpacked.
 */
export function ensureRsync() {
  const file = ensureProgram({
    program: 'rsync',
    override: process.env.YARD_RSYNC,
    debian: 'rsync',
    dnf: 'rsync',
    brew: 'rsync',
    unpacked: 'usr/bin/rsync',
    startsService: true,
  })
  if (file === undefined || !file.endsWith('/rsync/usr/bin/rsync')) return file && [file]
  const libraries = path.join(path.dirname(file), '../lib', `${machine()}-linux-gnu`)
  return ['env', `LD_LIBRARY_PATH=${libraries}`, file]
}

function machine() {
  return {x64: 'x86_64', arm64: 'aarch64'}[process.arch] ?? process.arch
}
