import {unchanged} from '../../catalog/collection.js'
import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Scale} from '../../domain/scale.js'
import {type DeployRun} from '../deploy/run.js'

/** Keeps what a change of scale wants, under the lock of its deploy; every later deploy makes it so as well. */
export async function writeScale(run: DeployRun): Promise<void> {
  const {catalog, clock} = run.needs
  const {environment, service} = run.target
  const wanted = run.record.scale?.wanted
  if (wanted === undefined) throw new Error('a change of scale went on without a scale')
  const key = keys.scale(environment.name, service)
  const stored = await catalog.scales.get(key, refuse)
  const scale: Scale = {
    v: 1,
    service,
    environment: environment.name,
    processes: wanted,
    by: run.needs.actor,
    changedAt: clock.now().toISOString(),
  }
  await run.write([unchanged(key, stored)], [catalog.scales.put(key, scale)])
  run.scale = scale
}

/** The scale as it was before this deploy, if this deploy changed it. */
export async function putScaleBack(run: DeployRun): Promise<void> {
  const {catalog, clock} = run.needs
  const {environment, service} = run.target
  const {scale} = run.record
  if (scale === undefined) return
  const key = keys.scale(environment.name, service)
  const stored = await catalog.scales.get(key, refuse)
  if (stored === undefined || !isSame(stored.record.processes, scale.wanted)) return
  const {before} = scale
  const changedAt = clock.now().toISOString()
  const write =
    before === undefined
      ? {delete: key}
      : catalog.scales.put(key, {...stored.record, processes: before, changedAt})
  await run.write([unchanged(key, stored)], [write])
}

function isSame(one: Scale['processes'], other: Scale['processes']): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}
