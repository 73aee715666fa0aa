import {unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type Binding, type Release, releaseId} from '../../domain/release.js'
import {instancesOf} from './retire.js'
import {type DeployRun, type StepResult} from './run.js'
import {waitApplied} from './wait.js'

/** Gives the traffic to the new instances, with one compare-and-swap; the old ones stay up until every host follows. */
export async function move(run: DeployRun, release: Release): Promise<StepResult> {
  const {catalog, clock} = run.needs
  const {environment, service} = run.target
  const key = keys.binding(environment.name, service)
  const present = await catalog.bindings.get(key)
  const mine = (await instancesOf(run)).filter(({record}) => run.instances.some(({id}) => id === record.id))
  const binding: Binding = {
    v: 1,
    service,
    active: release.number,
    ...(run.before !== undefined && {previous: run.before.active}),
    instances: mine.length,
    movedAt: clock.now().toISOString(),
    deploy: run.record.number,
  }
  const keyOf = (id: string) => keys.instance(environment.name, service, id)
  const revision = await run.write(
    [unchanged(key, present), ...mine.map((stored) => unchanged(keyOf(stored.record.id), stored))],
    [
      catalog.bindings.put(key, binding),
      ...mine.map(({record}) => catalog.instances.put(keyOf(record.id), {...record, state: 'up'})),
    ],
  )
  run.hasMoved = true
  await run.pass('move', 'written')
  await waitApplied(run, revision)
  const from = run.before === undefined ? '' : `${releaseId(service, run.before.active)} to `
  return {detail: `${from}${releaseId(service, release.number)}`}
}
