import {type Stored} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {type Instance, type InstanceStatus} from '../../domain/instance.js'
import {releaseId} from '../../domain/release.js'
import {type DeployRun} from './run.js'

/** Instances of the service in this environment, as they are now. */
export async function instancesOf(run: DeployRun): Promise<Stored<Instance>[]> {
  const {environment, service} = run.target
  const listing = await run.needs.catalog.instances.list(keys.instances(environment.name, service))
  return listing.records
}

/** Whether this deploy started it. */
export function isMine(run: DeployRun, {id}: Pick<Instance, 'id'>): boolean {
  return run.instances.some((instance) => instance.id === id)
}

/** Whether it makes room for what this deploy puts in its place: on hosts that it left out, nothing does. */
export function isLeaving(run: DeployRun, instance: Instance): boolean {
  const isElsewhere =
    run.failedHosts.has(instance.host) || run.target.leftOut.some(({name}) => name === instance.host)
  return !isElsewhere && !isMine(run, instance) && !run.kept.some(({id}) => id === instance.id)
}

/** Of the release that is brought up: what this deploy started, and what ran before and stays. */
export function runningOf({instances, kept, release}: DeployRun): Instance[] {
  return [...instances, ...kept].filter((instance) => instance.release === release?.number)
}

/** Whether requests can reach the release: one of workers alone answers nobody, nor does one that is scaled to nothing. */
export function isServing(run: DeployRun): boolean {
  return runningOf(run).some(({port}) => port !== undefined)
}

export function instanceKey(run: DeployRun, {id}: Pick<Instance, 'id'>): string {
  return keys.instance(run.target.environment.name, run.target.service, id)
}

/** As its host last saw it; undefined when nothing of it is there. */
export async function statusOf(
  run: DeployRun,
  {host, id}: Pick<Instance, 'host' | 'id'>,
): Promise<InstanceStatus | undefined> {
  return (await (await run.machine(host)).statuses([id])).get(id)
}

export function byHost(instances: readonly Instance[]): Map<string, Instance[]> {
  const hosts = new Map<string, Instance[]>()
  for (const instance of instances) {
    const here = hosts.get(instance.host)
    if (here === undefined) hosts.set(instance.host, [instance])
    else here.push(instance)
  }
  return hosts
}

/** How long instances of a release may take to leave. */
export async function patienceOf(
  run: DeployRun,
  release: number,
): Promise<{drainMillis: number; graceMillis: number}> {
  const stored = await run.needs.catalog.releases.get(keys.release(run.target.service, release))
  if (stored === undefined) {
    const id = releaseId(run.target.service, release)
    run.needs.report({
      kind: 'warning',
      text: `the catalog has no ${id}: its instances get the usual times to leave`,
    })
  }
  const drain = stored?.record.drain
  const usualMillis = drain?.timeoutMillis ?? 30_000
  const webSocketMillis = run.record.webSocketMillis ?? drain?.webSocketMillis ?? 0
  return {
    drainMillis: Math.max(usualMillis, webSocketMillis),
    graceMillis: drain?.graceMillis ?? 10_000,
  }
}
