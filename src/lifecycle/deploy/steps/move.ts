import {keys} from '../../../catalog/keys.js'
import {unchanged, type Stored} from '../../../catalog/collection.js'
import {type Host} from '../../../domain/environment.js'
import {type Instance} from '../../../domain/instance.js'
import {type Binding, type Release, releaseId} from '../../../domain/release.js'
import {againOnConflict} from '../again-on-conflict.js'
import {canaryWeight} from './canary-weight.js'
import {instanceKey, instancesOf, isLeaving, isMine} from '../instances.js'
import {type DeployRun, type StepResult} from '../run.js'
import {chunks, type InstanceMove, writeMove} from '../traffic/traffic-move.js'
import {waitApplied} from '../wait.js'

export interface BatchMove {
  hosts: readonly Host[]
  /** No other batch follows. */
  isLast: boolean
  /** Percent of the traffic that the new instances get while the old ones keep theirs; all of their part unless given. */
  share?: number
}

/**
 * Gives the traffic of these hosts to their new instances. The old ones there only finish what they have; none is ended
 * before the whole deploy holds.
 */
export async function move(run: DeployRun, release: Release, batch: BatchMove): Promise<StepResult> {
  if (run.strategy.kind === 'blue-green') await raiseUnseen(run)
  const {detail, revision} = await againOnConflict(() => moveOnce(run, release, batch))
  await run.pass('move', 'written')
  await waitApplied(run, revision)
  return {detail}
}

/** New instances that nobody is sent to, because the binding doesn't name their release: so the switch itself is small. */
async function raiseUnseen(run: DeployRun): Promise<void> {
  if (run.instances.length < 100 || run.before?.active === run.release?.number) return
  const starting = (await instancesOf(run)).filter(
    ({record}) => isMine(run, record) && record.state === 'starting',
  )
  for (const some of chunks(starting)) {
    await run.write(
      some.map((stored) => unchanged(instanceKey(run, stored.record), stored)),
      some.map(({record}) =>
        run.needs.catalog.instances.put(instanceKey(run, record), {...record, state: 'up'}),
      ),
    )
  }
}

async function moveOnce(
  run: DeployRun,
  release: Release,
  {hosts, isLast, share}: BatchMove,
): Promise<{revision: number; detail: string}> {
  const {catalog} = run.needs
  const {environment, service} = run.target
  const present = await catalog.bindings.get(keys.binding(environment.name, service))
  const all = await instancesOf(run)
  const names = new Set(run.working(hosts).map(({name}) => name))
  const isHere = ({record}: Stored<Instance>) => names.has(record.host)
  const old = all.filter(({record}) => isLeaving(run, record))
  const mine = all.filter((stored) => isHere(stored) && isMine(run, stored.record))
  const canary = share === undefined || run.before === undefined ? undefined : canaryWeight(share, mine, old)
  const arriving = mine.map((stored) => ({
    stored,
    to: {
      ...stored.record,
      state: 'up' as const,
      ...(run.strategy.kind === 'canary' && {weight: canary?.weight}),
    },
  }))
  const leaving: InstanceMove[] =
    canary === undefined
      ? old.filter((stored) => isLast || isHere(stored)).flatMap((stored) => leavingMove(stored))
      : []
  const binding = bindingAfter(run, release, all, isLast && canary === undefined)
  const revision = await writeMove(run, {present, binding, arriving, leaving})
  if (names.size === 0 && !isLast) return {revision, detail: 'as it was, no host of it goes on'}
  const former = run.before?.active
  const to = releaseId(service, release.number)
  if (canary !== undefined) {
    const most =
      canary.percent < (share ?? 0) ? `, the most that ${mine.length} beside ${old.length} can get` : ''
    return {revision, detail: `${canary.percent} % to ${to}${most}`}
  }
  const isPart = run.isFleet && run.batches.length > 1 && names.size > 0
  const where = isPart ? ` on ${[...names].join(', ')}` : ''
  if (former === release.number) {
    const coming = mine.filter(({record}) => record.state === 'starting').length
    return {revision, detail: `${changeWords(coming, leaving.length)}${where}`}
  }
  const from = former === undefined ? '' : `${releaseId(service, former)} to `
  return {revision, detail: `${from}${to}${where}`}
}

/** Where the release stays the same, its instances are what changes. */
function changeWords(coming: number, leaving: number): string {
  const instances = (count: number) => (count === 1 ? '1 instance' : `${count} instances`)
  if (coming === 0 && leaving === 0) return 'as it was'
  if (leaving === 0) return `to ${instances(coming)} more`
  if (coming === 0) return `away from ${instances(leaving)}`
  return `from ${instances(leaving)} to ${coming} new`
}

/** What an operator took out of the traffic, and what never had any, is as it is. */
function leavingMove(stored: Stored<Instance>): InstanceMove[] {
  return stored.record.state === 'up' ? [{stored, to: {...stored.record, state: 'draining'}}] : []
}

function bindingAfter(
  run: DeployRun,
  release: Release,
  all: readonly Stored<Instance>[],
  isWhole: boolean,
): Binding {
  const {before, kept, record} = run
  const movedAt = run.needs.clock.now().toISOString()
  const shared = {v: 1 as const, service: release.service, movedAt, deploy: record.number}
  const instances = run.instances.length + kept.length
  if (before === undefined) return {...shared, active: release.number, instances}
  if (before.active === release.number) return {...before, ...shared, instances}
  if (!isWhole) {
    const staying = before.joining === release.number ? before.staying : (before.joining ?? before.staying)
    return {...before, ...shared, joining: release.number, staying}
  }
  // On hosts that were left out, the release from before keeps what it has.
  const left = [before.active, before.joining].find((number) =>
    all.some(({record: one}) => one.release === number && number !== release.number && !isLeaving(run, one)),
  )
  return {
    ...shared,
    active: release.number,
    previous: before.active,
    ...(left !== undefined && {joining: left}),
    instances,
  }
}
