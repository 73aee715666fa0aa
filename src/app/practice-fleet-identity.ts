import {readFileSync} from 'node:fs'
import path from 'node:path'

import {type Host} from '../domain/environment.js'
import {fleetFileSchema, isFleetHost} from '../domain/fleet.js'
import {check} from '../domain/schema.js'
import {type YardPaths} from './paths.js'

/** Where the practice fleet of this state directory keeps its keys and what it remembers. */
export function fleetDirectory({state}: Pick<YardPaths, 'state'>): string {
  return path.join(state, 'fleet')
}

/**
 * How to log in to a host that is one of the practice fleet's, where nobody said otherwise: `user` is for a host that wasn't
 * set up yet. Undefined for every other host.
 */
export function practiceFleetIdentity(
  paths: Pick<YardPaths, 'state'>,
  host: Pick<Host, 'address' | 'environment' | 'name'>,
): {user: string; identityFile: string} | undefined {
  const directory = fleetDirectory(paths)
  const checked = check(fleetFileSchema, readJson(path.join(directory, 'fleet.json')))
  if (!checked.ok || !isFleetHost(checked.value, host)) return undefined
  return {user: 'root', identityFile: path.join(directory, 'id_ed25519')}
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
