import path from 'node:path'

import {YardError} from '../../errors.js'

import {type HaproxySockets} from './running-haproxy.js'

/** 104 on macOS, 108 on Linux, less what HAProxy appends while it swaps a socket. */
const longestPath = 88

/** @throws YardError E_USAGE when sockets there would be too long or their path could mean something else to HAProxy. */
export function socketsIn(runtimeDirectory: string): HaproxySockets {
  const sockets = {
    admin: path.join(runtimeDirectory, 'haproxy.sock'),
    master: path.join(runtimeDirectory, 'haproxy-master.sock'),
  }
  const isPlain = /^\/[A-Za-z0-9._/+@=-]+$/.test(sockets.master)
  if (isPlain && sockets.master.length <= longestPath) return sockets
  throw new YardError('E_USAGE', {
    what: `Can't keep HAProxy's sockets in ${runtimeDirectory}`,
    why: isPlain
      ? `a socket's path has at most ${longestPath} characters`
      : 'the path has characters other than letters, digits and ._/+@=-',
    next: ['export XDG_RUNTIME_DIR=/tmp/yard-runtime'],
  })
}
