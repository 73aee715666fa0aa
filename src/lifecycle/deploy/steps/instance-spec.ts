import {type ArtifactStore} from '../../../contracts/artifact-store.js'
import {type InstanceLimits, type InstanceSpec, type OneOffRequest} from '../../../contracts/instance-host.js'
import {type Environment} from '../../../domain/environment.js'
import {instanceVariables, releaseVariables, secretsOf} from '../../../domain/instance-environment.js'
import {type Instance, instanceId} from '../../../domain/instance.js'
import {type Release} from '../../../domain/release.js'
import {type SecretOpener} from '../../secrets/open-secrets.js'

interface SpecNeeds {
  artifacts: Pick<ArtifactStore, 'releaseDirectory'>
  openSecrets: SecretOpener
  signal: AbortSignal
}

/** What an instance of a release is started with. */
export function instanceSpec(
  needs: SpecNeeds,
  instance: Instance,
  release: Release,
  environment: Environment,
): InstanceSpec {
  const {id, port, process, service} = instance
  return {
    ...{id, service, process, release: release.number, environment: environment.name},
    line: release.processes[process] ?? '',
    ...(port !== undefined && {port}),
    variables: instanceVariables(instance, release, environment),
    ...openedLater(needs, release),
    limits: limitsOf(release),
    graceMillis: release.drain.graceMillis,
  }
}

/** What a process of a release that is run once is started with. `process` names it in logs. */
export function oneOffSpec(
  needs: SpecNeeds,
  wanted: {release: Release; environment: Environment; host: string; process: string; line: string},
): OneOffRequest['instance'] {
  const {environment, host, line, process, release} = wanted
  const {number, service} = release
  return {
    id: instanceId({service, release: number, process, host}),
    ...{service, process, line, release: number, environment: environment.name},
    variables: releaseVariables(release, environment),
    ...openedLater(needs, release),
    limits: limitsOf(release),
  }
}

function limitsOf({limits = {}}: Release): InstanceLimits {
  const {memoryBytes, tasks} = limits
  return {...(memoryBytes !== undefined && {memoryBytes}), ...(tasks !== undefined && {tasks})}
}

/**
 * Opens the secrets of a release that runs already: what it writes may hold them, and is told only without them.
 * @throws YardError when they can't be opened here
 */
export async function knowSecrets(needs: SpecNeeds, release: Release): Promise<void> {
  await openedLater(needs, release).secrets?.()
}

const opened = new WeakMap<Release, ReturnType<SecretOpener>>()

/** Opened once for all that is started of a release, and not at all when nothing has to be started. */
function openedLater(
  {artifacts, openSecrets, signal}: SpecNeeds,
  release: Release,
): Pick<InstanceSpec, 'secrets'> {
  const secrets = secretsOf(release)
  if (Object.keys(secrets).length === 0) return {}
  const directory = artifacts.releaseDirectory(release.service, release.number)
  return {
    secrets: () => {
      const known = opened.get(release) ?? openSecrets({secrets, directory, signal})
      opened.set(release, known)
      known.catch(() => opened.delete(release))
      return known
    },
  }
}
