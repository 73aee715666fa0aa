import {unchanged, type Stored} from '../../../catalog/collection.js'
import {keys} from '../../../catalog/keys.js'
import {maxTransactionWrites, type Compare, type Write} from '../../../contracts/store.js'
import {type Instance} from '../../../domain/instance.js'
import {type Binding} from '../../../domain/release.js'
import {instanceKey} from '../instances.js'
import {type DeployRun} from '../run.js'

export interface InstanceMove {
  stored: Stored<Instance>
  to: Instance
}

export interface TrafficMove {
  /** As it was read; undefined when the service has none. */
  present: Stored<Binding> | undefined
  /** Undefined: nobody has the traffic any more. */
  binding: Binding | undefined
  /** Written first where not all fit into one transaction: they change nothing for callers, or give them more instances. */
  arriving: readonly InstanceMove[]
  /** Written together with the binding, or after it. */
  leaving: readonly InstanceMove[]
}

/** The binding and the fence take their part. */
const instancesAtOnce = maxTransactionWrites - 4

/**
 * Writes who has the traffic: in one transaction as long as it holds all of it. What doesn't fit goes before it when it
 * arrives and after it when it leaves, so that the service never has less than it had. Returns the last revision.
 * @throws YardError E_CONFLICT when somebody changed what was read
 */
export async function writeMove(run: DeployRun, move: TrafficMove): Promise<number> {
  const {environment, service} = run.target
  const key = keys.binding(environment.name, service)
  const write = move.binding === undefined ? {delete: key} : run.needs.catalog.bindings.put(key, move.binding)
  const total = move.arriving.length + move.leaving.length
  const first = total > instancesAtOnce ? move.arriving : []
  const withBinding = total > instancesAtOnce ? [] : [...move.arriving, ...move.leaving]
  const last = total > instancesAtOnce ? move.leaving : []
  for (const some of chunks(first)) await run.write(comparesOf(run, some), writesOf(run, some))
  let revision = await run.write(
    [unchanged(key, move.present), ...comparesOf(run, withBinding)],
    [write, ...writesOf(run, withBinding)],
  )
  run.live = move.binding?.active
  for (const some of chunks(last)) revision = await run.write(comparesOf(run, some), writesOf(run, some))
  return revision
}

/** In groups that a transaction holds. */
export function chunks<T>(all: readonly T[], size = instancesAtOnce): T[][] {
  const groups: T[][] = []
  for (let start = 0; start < all.length; start += size) groups.push(all.slice(start, start + size))
  return groups
}

function comparesOf(run: DeployRun, moves: readonly InstanceMove[]): Compare[] {
  return moves.map(({stored}) => unchanged(instanceKey(run, stored.record), stored))
}

function writesOf(run: DeployRun, moves: readonly InstanceMove[]): Write[] {
  return moves.map(({stored, to}) => run.needs.catalog.instances.put(instanceKey(run, stored.record), to))
}
