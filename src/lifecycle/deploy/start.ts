import {absent, unchanged} from '../../catalog/collection.js'
import {keys} from '../../catalog/keys.js'
import {portRelease, reservePort} from '../../catalog/ports.js'
import {type Host} from '../../domain/environment.js'
import {type Instance, instanceId} from '../../domain/instance.js'
import {instanceProcesses, webProcess} from '../../domain/procfile.js'
import {type Release} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {type DeployRun, type StepResult, stepFailed} from './run.js'
import {waitApplied} from './wait.js'

/** Starts the processes of the release on every host, beside the old ones and without traffic. */
export async function start(run: DeployRun, release: Release): Promise<StepResult> {
  const processes = instanceProcesses(release.processes)
  if (processes.length === 0) throw stepFailed('the Procfile has no process to run, such as web')
  let revision = 0
  for (const host of run.target.hosts) {
    for (const process of processes) revision = await startOne(run, release, host, process)
  }
  await waitApplied(run, revision)
  const places = run.instances.map(({id, port}) => (port === undefined ? id : `${id} on port ${port}`))
  return {detail: places.join(', ')}
}

async function startOne(run: DeployRun, release: Release, host: Host, process: string): Promise<number> {
  const {clock} = run.needs
  const environment = run.target.environment.name
  const id = instanceId({service: release.service, release: release.number, process, host: host.name})
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
    return revision
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

function reserve(run: DeployRun, host: Host, owner: string): Promise<number> {
  return reservePort(run.needs.catalog, {
    environment: run.target.environment.name,
    host: host.name,
    owner,
    isFree: (port) => run.needs.isPortFree(host.address, port),
  })
}
