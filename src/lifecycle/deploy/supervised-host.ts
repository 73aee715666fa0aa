import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type ArtifactStore} from '../../contracts/artifact-store.js'
import {type Clock} from '../../contracts/clock.js'
import {type CommandRunner, type RunResult} from '../../contracts/command-runner.js'
import {
  type FetchRequest,
  type HostSurvey,
  type InstanceHost,
  type OneOffRequest,
  type PlaceReport,
  type PlaceRequest,
  type StopRequest,
  type SurveyRequest,
} from '../../contracts/instance-host.js'
import {type ProcessManager} from '../../contracts/process-manager.js'
import {type InstanceStatus} from '../../domain/instance.js'
import {type Endpoint} from '../../domain/routing.js'
import {waitUntil} from './wait.js'
import {stepFailed} from './step-failure.js'

export interface SupervisedHostNeeds {
  catalog: Catalog
  clock: Clock
  artifacts: Pick<ArtifactStore, 'unpack' | 'unpackedReleases' | 'releaseDirectory'>
  commands: CommandRunner
  processes: Pick<ProcessManager, 'ownsPort' | 'lastLines'>
}

/** How much longer than its grace time an instance may take to end. */
const endMillis = 15_000

/**
 * This machine, where a supervisor follows the catalog by itself: it starts what is recorded there and stops what is down
 * there, so that nothing is left to do here but to look at what it tells.
 */
export class SupervisedHost implements InstanceHost {
  constructor(
    private readonly needs: SupervisedHostNeeds,
    private readonly environment: string,
    readonly name: string,
  ) {}

  async survey({release}: SurveyRequest): Promise<HostSurvey> {
    return {
      missingFiles: 0,
      missingBytes: 0,
      freeBytes: Number.MAX_SAFE_INTEGER,
      missingPrograms: [],
      takenPorts: new Set(),
      releases: await this.needs.artifacts.unpackedReleases(release.service),
      removed: [],
      clockAheadMillis: 0,
    }
  }

  /** What is on this machine nobody has to ask it for. */
  async recall(): Promise<undefined> {
    return undefined
  }

  async fetch({service}: FetchRequest): Promise<void> {
    throw new Error(`somebody asked ${this.name} for files of ${service}, which are on this machine`)
  }

  async place({release}: PlaceRequest): Promise<PlaceReport> {
    await this.needs.artifacts.unpack(release.artifact, release.service, release.release)
    return {wasThere: true, filesSent: 0, bytesSent: 0}
  }

  async runOnce({deadlineMillis, instance, onLine, signal}: OneOffRequest): Promise<RunResult> {
    const secrets = Object.entries((await instance.secrets?.()) ?? {})
    const opened = Object.fromEntries(secrets.map(([name, secret]) => [name, secret.reveal()] as const))
    return this.needs.commands.run(
      {line: instance.line},
      {
        directory: this.needs.artifacts.releaseDirectory(instance.service, instance.release),
        variables: {...instance.variables, ...opened},
        deadlineMillis,
        ...(signal !== undefined && {signal}),
        ...(onLine !== undefined && {onLine}),
      },
    )
  }

  async start(): Promise<void> {
    // The supervisor saw the records.
  }

  async statuses(ids: readonly string[]): Promise<ReadonlyMap<string, InstanceStatus>> {
    const {catalog} = this.needs
    const stored = await Promise.all(ids.map((id) => catalog.statuses.get(keys.status(this.environment, id))))
    return new Map(stored.flatMap((one) => (one === undefined ? [] : [[one.record.id, one.record] as const])))
  }

  ownsPort(id: string, port: number): Promise<boolean | undefined> {
    return this.needs.processes.ownsPort(id, port)
  }

  lastLines(id: string, count: number): Promise<string[]> {
    return this.needs.processes.lastLines(id, count)
  }

  async stop({graceMillis, ids}: StopRequest): Promise<void> {
    const {clock} = this.needs
    const gone = await waitUntil({clock, timeoutMillis: graceMillis + endMillis}, async () =>
      (await this.statuses(ids)).size === 0 ? true : undefined,
    )
    if (gone === undefined) throw stepFailed(`the process of ${ids.join(', ')} does not end`)
  }

  async reach(endpoint: Endpoint): Promise<Endpoint> {
    return endpoint
  }

  async close(): Promise<void> {
    // It holds nothing open.
  }
}
