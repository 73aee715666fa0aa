import {readdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import path from 'node:path'

import {sourceFileName, sourceIdPattern} from '../../domain/logs/parts.js'
import {ownerOf} from './ownership.js'
import {readStatus} from './records.js'

/** Logs of stopped processes stay readable: of so many for each service. */
const keptPerService = 10

/** Ids that have a directory, sorted. */
export function idsIn(root: string): string[] {
  try {
    return readdirSync(root)
      .filter((name) => sourceIdPattern.test(name))
      .sort()
  } catch {
    return []
  }
}

/** Removes the directories of processes that were stopped long ago. Those of killed keepers stay: something may still run. */
export function pruneStopped(root: string, kept: number = keptPerService): void {
  const stopped = new Map<string, {id: string; since: string}[]>()
  for (const id of idsIn(root)) {
    const directory = path.join(root, id)
    const status = readStatus(directory)
    if (status?.state !== 'stopped' || ownerOf(directory) !== undefined) continue
    const service = serviceOf(directory) ?? id
    stopped.set(service, [...(stopped.get(service) ?? []), {id, since: status.since}])
  }
  for (const group of stopped.values()) {
    group.sort((one, other) => other.since.localeCompare(one.since))
    for (const {id} of group.slice(kept)) remove(root, id)
  }
}

function serviceOf(directory: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path.join(directory, sourceFileName), 'utf8'))
    const service = (value as {labels?: {service?: unknown}} | undefined)?.labels?.service
    return typeof service === 'string' ? service : undefined
  } catch {
    return undefined
  }
}

/** Moved away first: a start of the same id at this moment makes a directory of its own. */
function remove(root: string, id: string): void {
  const grave = path.join(root, `.removed-${id}-${process.pid}`)
  try {
    renameSync(path.join(root, id), grave)
    rmSync(grave, {recursive: true, force: true})
  } catch {
    // Somebody else removes it, too.
  }
}
