import {type ProcessSpec} from '../../contracts/process-manager.js'
import {type Environment} from '../../domain/environment.js'
import {instanceVariables, secretsOf} from '../../domain/instance-environment.js'
import {type Instance} from '../../domain/instance.js'
import {type Release, releaseId} from '../../domain/release.js'
import {type SecretOpener} from '../secrets/open-secrets.js'

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
  openSecrets: SecretOpener
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
    const directory = request.directoryOf(instance.service, instance.release)
    const secrets = secretsOf(release)
    wanted.specs.push({
      id: instance.id,
      labels: labelsOf(instance),
      command: {line},
      directory,
      variables: instanceVariables(instance, release, request.environment),
      ...(Object.keys(secrets).length > 0 && {secrets: () => request.openSecrets({secrets, directory})}),
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
