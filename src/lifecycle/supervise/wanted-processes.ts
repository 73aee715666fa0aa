import {type ProcessSpec} from '../../contracts/process-manager.js'
import {type Environment} from '../../domain/environment.js'
import {instanceVariables} from '../../domain/instance-environment.js'
import {type Instance} from '../../domain/instance.js'
import {type Release, releaseId} from '../../domain/release.js'

export interface Wanted {
  specs: ProcessSpec[]
  /** Instances that can't run, each with the reason. */
  impossible: string[]
}

/** The processes that the catalog wants on one host. */
export function wantedProcesses(request: {
  environment: Environment
  host: string
  instances: readonly Instance[]
  /** By service and number, see `releaseId`. */
  releases: ReadonlyMap<string, Release>
  directoryOf: (service: string, release: number) => string
}): Wanted {
  const wanted: Wanted = {specs: [], impossible: []}
  for (const instance of request.instances) {
    if (instance.host !== request.host || !isRunning(instance)) continue
    const release = request.releases.get(releaseId(instance.service, instance.release))
    const line = release?.processes[instance.process]
    if (release === undefined || line === undefined) {
      wanted.impossible.push(`${instance.id}: the catalog has no such release or process`)
      continue
    }
    wanted.specs.push({
      id: instance.id,
      labels: labelsOf(instance),
      command: {line},
      directory: request.directoryOf(instance.service, instance.release),
      variables: instanceVariables(instance, release, request.environment),
    })
  }
  return wanted
}

/** A disabled instance keeps running: it only gets no traffic. */
export function isRunning(instance: Instance): boolean {
  return instance.state !== 'down'
}

function labelsOf(instance: Instance): Record<string, string> {
  return {
    environment: instance.environment,
    service: instance.service,
    release: `r${instance.release}`,
    instance: instance.id,
    process: instance.process,
  }
}
