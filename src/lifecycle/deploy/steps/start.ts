import {absent, unchanged} from '../../../catalog/collection.js'
import {keys} from '../../../catalog/keys.js'
import {portRelease, reservePort} from '../../../catalog/ports.js'
import {type Host} from '../../../domain/environment.js'
import {type Instance, instanceId} from '../../../domain/instance.js'
import {instanceProcesses, webProcess} from '../../../domain/procfile.js'
import {type Release} from '../../../domain/release.js'
import {type Placement, placements} from '../../../domain/scale.js'
import {wantedInstances, type WantedInstances} from '../../../domain/wanted-instances.js'
import {YardError} from '../../../errors.js'
import {leaveOut} from '../undo/failed-hosts.js'
import {type HostProgress} from '../journal/host-progress.js'
import {instanceSpec} from './instance-spec.js'
import {instancesOf} from '../instances.js'
import {type DeployRun, type StepResult} from '../run.js'
import {stepFailed} from '../step-failure.js'
import {waitApplied} from '../wait.js'

/** Starts the processes of the release on these hosts, beside the old ones and without traffic. */
export async function start(
  run: DeployRun,
  release: Release,
  hosts: readonly Host[],
  progress: HostProgress,
): Promise<StepResult> {
  const {kept, missing} = await wantedOn(run, release, hosts)
  keep(run, kept)
  const begun: Instance[] = []
  let revision = 0
  let lastTurn: Promise<unknown> = Promise.resolve()
  const failures = await progress.each(run.working(hosts), async (host) => {
    const here = missing.filter((placement) => placement.host === host.name)
    // All of them write the record of the service: at the same time they would only get into each other's way.
    const turn = lastTurn.then(async () => {
      for (const placement of here) {
        const recorded = await recordOne(run, release, host, placement)
        begun.push(recorded.instance)
        revision = recorded.revision
      }
    })
    lastTurn = turn.catch(() => undefined)
    await turn
    const specs = run.instances
      .filter((instance) => instance.host === host.name)
      .map((instance) => instanceSpec(run.needs, instance, release, run.target.environment))
    if (specs.length > 0) await (await run.machine(host.name)).start(specs, run.fence)
    return here.length === 0 ? 'nothing to start' : undefined
  })
  await leaveOut(run, failures)
  // Who looks after this machine starts what it finds in the catalog.
  if (!run.isFleet && begun.length > 0) await waitApplied(run, revision)
  const places = begun
    .filter(({host}) => !run.failedHosts.has(host))
    .map(({id, port}) => (port === undefined ? id : `${id} on port ${port}`))
    .sort()
  const isEmpty = kept.length === 0 && missing.length === 0
  return places.length === 0
    ? {skipped: true, detail: isEmpty ? 'none of it is to run there' : 'all of it runs already'}
    : {detail: run.isFleet && places.length > 6 ? `${places.length} instances` : places.join(', ')}
}

/** What runs already and stays, so that an attempt that goes on with another one knows it. */
export async function takeUp(run: DeployRun, release: Release): Promise<void> {
  keep(run, (await wantedOn(run, release, run.target.hosts)).kept)
}

/** Of another attempt, or of an earlier deploy of the same release. */
function keep(run: DeployRun, instances: readonly Instance[]): void {
  for (const instance of instances) {
    const list = instance.deploy === run.record.number ? run.instances : run.kept
    if (!list.some(({id}) => id === instance.id)) list.push(instance)
  }
}

/** Where an environment is scaled, the instances are spread over all of its hosts, also when few of them are deployed to. */
async function wantedOn(run: DeployRun, release: Release, hosts: readonly Host[]): Promise<WantedInstances> {
  const processes = instanceProcesses(release.processes)
  if (processes.length === 0) throw stepFailed('the Procfile has no process to run, such as web')
  const all = [...run.target.hosts, ...run.target.leftOut].map(({name}) => name)
  const here = new Set(run.working(hosts).map(({name}) => name))
  const wanted = placements(all, processes, run.scale).filter(({host}) => here.has(host))
  const present = (await instancesOf(run)).map(({record}) => record)
  return wantedInstances(release.number, wanted, present, (instance) => {
    if (instance.state === 'down') return false
    return instance.deploy === run.record.number || run.record.kind !== 'restart'
  })
}

async function recordOne(
  run: DeployRun,
  release: Release,
  host: Host,
  {index, process}: Placement,
): Promise<{instance: Instance; revision: number}> {
  const {clock} = run.needs
  const environment = run.target.environment.name
  const id = instanceId({service: release.service, release: release.number, process, host: host.name, index})
  const port = process === webProcess ? await reserve(run, host, id) : undefined
  await run.pass('start', 'reserved')
  const instance: Instance = {
    v: 1,
    id,
    service: release.service,
    release: release.number,
    process,
    environment,
    host: host.name,
    address: host.address,
    ...(port !== undefined && {port}),
    state: 'starting',
    deploy: run.record.number,
    createdAt: clock.now().toISOString(),
  }
  const key = keys.instance(environment, release.service, id)
  try {
    const revision = await register(run, key, instance)
    run.instances.push(instance)
    await run.pass('start', 'recorded')
    return {instance, revision}
  } catch (error) {
    if (port !== undefined) await run.write([absent(key)], [portRelease(environment, host.name, port)])
    throw error
  }
}

/**
 * Writes the record of a new instance and, as they are, those of its host and its service: whoever removes one of them
 * at this moment assumed that nothing was added there, and finds that it was.
 */
async function register(run: DeployRun, key: string, instance: Instance): Promise<number> {
  const {catalog} = run.needs
  const {environment} = instance
  const hostKey = keys.host(environment, instance.host)
  const serviceKey = keys.service(instance.service)
  for (;;) {
    const host = await catalog.hosts.get(hostKey)
    const service = await catalog.services.get(serviceKey)
    if (host === undefined) throw stepFailed(`the host ${instance.host} was removed from ${environment}`)
    if (service === undefined)
      throw stepFailed(`the service ${instance.service} was removed from the catalog`)
    const compares = [absent(key), unchanged(hostKey, host), unchanged(serviceKey, service)]
    const writes = [
      catalog.instances.put(key, instance),
      catalog.hosts.put(hostKey, host.record),
      catalog.services.put(serviceKey, service.record),
    ]
    try {
      return await run.write(compares, writes)
    } catch (error) {
      if (!(error instanceof YardError) || error.code !== 'E_CONFLICT') throw error
      const hostNow = await catalog.hosts.get(hostKey)
      const serviceNow = await catalog.services.get(serviceKey)
      const isOurs =
        hostNow?.modRevision === host.modRevision && serviceNow?.modRevision === service.modRevision
      // Another deploy to this host, or a registration, was first: that is no reason to fail.
      if (isOurs) throw error
    }
  }
}

/** A port on which nothing listens, as far as that can be told. */
function reserve(run: DeployRun, host: Host, owner: string): Promise<number> {
  const taken = run.surveys.get(host.name)?.takenPorts
  return reservePort(run.needs.catalog, {
    environment: run.target.environment.name,
    host: host.name,
    owner,
    isFree: async (port) =>
      run.isFleet ? taken?.has(port) !== true : run.needs.isPortFree(host.address, port),
  })
}
