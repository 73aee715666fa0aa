import {type Instance, parseInstanceId} from './instance.js'
import {type Placement} from './scale.js'

export interface WantedInstances {
  /** That run already and are enough where they are. */
  kept: Instance[]
  /** Still to be started, with an index that no other instance of its process on the host has. */
  missing: Placement[]
}

/**
 * Which of the wanted instances of a release are there, and which are not.
 * @param present all of the service's instances in the environment
 * @param isUsable which of them may stay
 */
export function wantedInstances(
  release: number,
  wanted: readonly Placement[],
  present: readonly Instance[],
  isUsable: (instance: Instance) => boolean,
): WantedInstances {
  const kept: Instance[] = []
  const missing: Placement[] = []
  for (const [place, count] of countedPlaces(wanted)) {
    const [host = '', process = ''] = place.split(' ')
    const there = present
      .filter((one) => one.release === release && one.host === host && one.process === process)
      .sort((one, other) => indexOf(one) - indexOf(other))
    const staying = there.filter(isUsable).slice(0, count)
    kept.push(...staying)
    const taken = new Set(there.map(indexOf))
    let index = 0
    for (let more = staying.length; more < count; more++) {
      do index++
      while (taken.has(index))
      missing.push({host, process, index})
    }
  }
  return {kept, missing}
}

function countedPlaces(wanted: readonly Placement[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const {host, process} of wanted) {
    const place = `${host} ${process}`
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  return counts
}

function indexOf({id}: Instance): number {
  return parseInstanceId(id)?.index ?? 1
}
