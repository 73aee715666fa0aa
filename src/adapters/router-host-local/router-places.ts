import path from 'node:path'

import {type RouterPlaces} from '../../contracts/router-host.js'
import {YardError} from '../../errors.js'

/** 104 on macOS, 108 on Linux, less what HAProxy appends while it swaps a socket. */
const longestPath = 88

/** @throws YardError E_USAGE when sockets there would be too long or their path could mean something else to HAProxy. */
export function routerPlaces(directory: string, runtimeDirectory: string): RouterPlaces {
  const places = {
    directory,
    adminSocket: path.join(runtimeDirectory, 'haproxy.sock'),
    masterSocket: path.join(runtimeDirectory, 'haproxy-master.sock'),
  }
  const isPlain = /^\/[A-Za-z0-9._/+@=-]+$/.test(places.masterSocket)
  if (isPlain && places.masterSocket.length <= longestPath) return places
  throw new YardError('E_USAGE', {
    what: `Can't keep HAProxy's sockets in ${runtimeDirectory}`,
    why: isPlain
      ? `a socket's path has at most ${longestPath} characters`
      : 'the path has characters other than letters, digits and ._/+@=-',
    next: ['export XDG_RUNTIME_DIR=/tmp/yard-runtime'],
  })
}
