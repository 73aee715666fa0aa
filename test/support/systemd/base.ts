import {readFileSync} from 'node:fs'

import {networkMissing} from '../network/hosts.js'
import {fleetMissing} from '../practice-fleet/missing.js'

/** Why no Debian can be booted on a network of its own here; undefined when one can. */
export function systemdMissing(): string | undefined {
  const missing = networkMissing() ?? fleetMissing()
  if (missing !== undefined) return missing
  if (/ cgroup2 /.test(readFileSync('/proc/mounts', 'utf8'))) return undefined
  return 'this machine has no cgroups of version 2'
}
