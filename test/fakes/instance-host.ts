import {type Clock} from '../../src/contracts/clock.js'
import {type RunResult} from '../../src/contracts/command-runner.js'
import {
  type FetchRequest,
  type HostFence,
  type HostSurvey,
  type InstanceHost,
  type InstanceSpec,
  type OneOffRequest,
  type PlaceReport,
  type PlaceRequest,
  type RecallRequest,
  type StopRequest,
  type SurveyRequest,
} from '../../src/contracts/instance-host.js'
import {type InstanceStatus} from '../../src/domain/instance.js'
import {objectsOf, type ReleaseManifest} from '../../src/domain/release-manifest.js'
import {type Endpoint} from '../../src/domain/routing.js'
import {YardError} from '../../src/errors.js'

/** How the processes of a release behave on a host. Times count from the start of the process. */
export interface HostBehaviour {
  readyAfterMillis?: number
  endsAfterMillis?: number
  status?: number
  /** What it calls itself in `Yard-Release`. */
  answersAs?: string
  /** What it writes; a line that says who it is unless given. */
  lines?: string[]
  /** Percent of its requests that fail. */
  failsPercent?: number
  /** Percent of its requests that get a 4xx. */
  refusesPercent?: number
  /** It ends with SIGKILL only. */
  ignoresTerm?: boolean
}

export interface PretendedProcess {
  spec: InstanceSpec
  startedAt: number
}

/** A pretended machine of a fleet: keeps what runs there and the highest fence, and counts its commands. */
export class FakeInstanceHost implements InstanceHost {
  /** Of each run of yard, in their order: `survey`, `place` … */
  readonly commands: string[] = []
  readonly running = new Map<string, PretendedProcess>()
  readonly placed = new Set<number>()
  /** What is written down of releases that are there. */
  readonly manifests = new Map<number, ReleaseManifest>()
  /** Paths of files that were copied from here. */
  readonly fetched: string[] = []
  /** By release. */
  readonly behaviours = new Map<number, HostBehaviour>()
  /** Why it can't be reached; undefined while it can. */
  away: string | undefined
  missingPrograms: string[] = []
  clockAheadMillis = 0
  takenPorts = new Set<number>()
  /** Thrown by the next command of this name. */
  readonly failures = new Map<string, Error>()
  runResult: RunResult = {outcome: 'succeeded', exitCode: 0, lastLines: []}
  highestFence = 0
  /** The look that a recall took on the way. */
  private isSurveyed = false
  closed = 0

  constructor(
    readonly name: string,
    private readonly clock: Clock,
  ) {}

  async survey({fence, neededReleases, needs}: SurveyRequest): Promise<HostSurvey> {
    if (!this.isSurveyed) this.obey('survey', fence)
    this.isSurveyed = false
    const removed = [...this.placed].filter((one) => !neededReleases.includes(one)).slice(0, -5)
    for (const one of removed) this.placed.delete(one)
    return {
      missingFiles: 1,
      missingBytes: 1_000,
      freeBytes: 1e9,
      missingPrograms: needs.filter((program) => this.missingPrograms.includes(program)),
      takenPorts: this.takenPorts,
      releases: [...this.placed],
      removed,
      clockAheadMillis: this.clockAheadMillis,
    }
  }

  async recall({release, survey}: RecallRequest): Promise<ReleaseManifest | undefined> {
    this.obey(survey === undefined ? 'recall' : 'survey', survey?.fence)
    const manifest = this.placed.has(release) ? this.manifests.get(release) : undefined
    this.isSurveyed = survey !== undefined && manifest !== undefined
    return manifest
  }

  async fetch({files}: FetchRequest): Promise<void> {
    this.obey('fetch', undefined)
    this.fetched.push(...files.map(({path}) => path))
  }

  async place({contents, fence, release}: PlaceRequest): Promise<PlaceReport> {
    this.obey('place', fence)
    const wasThere = this.placed.has(release.release)
    if (!wasThere) await contents([...objectsOf(release.files).values()])
    this.placed.add(release.release)
    this.manifests.set(release.release, release)
    return {wasThere, filesSent: wasThere ? 0 : 1, bytesSent: wasThere ? 0 : 1_000}
  }

  async runOnce({fence, instance, onLine}: OneOffRequest): Promise<RunResult> {
    this.obey('run', fence)
    await instance.secrets?.()
    onLine?.(`${instance.line} on ${this.name}`)
    return this.runResult
  }

  async start(instances: readonly InstanceSpec[], fence: HostFence): Promise<void> {
    this.obey('start', fence)
    for (const spec of instances) {
      if (!this.placed.has(spec.release)) throw new Error(`${this.name} has no release ${spec.release}`)
      await spec.secrets?.()
      if (!this.running.has(spec.id))
        this.running.set(spec.id, {spec, startedAt: this.clock.monotonicMillis()})
    }
  }

  async statuses(ids: readonly string[]): Promise<ReadonlyMap<string, InstanceStatus>> {
    this.reachable()
    return new Map(
      ids.flatMap((id) => {
        const process = this.running.get(id)
        return process === undefined ? [] : [[id, this.statusOf(id, process)] as const]
      }),
    )
  }

  async ownsPort(): Promise<boolean | undefined> {
    return true
  }

  async lastLines(id: string, count: number): Promise<string[]> {
    const process = this.running.get(id)
    const lines = process && this.behaviourOf(process).lines
    return (lines ?? [`${id} wrote this`]).slice(-count)
  }

  async stop({fence, graceMillis, ids, onKilled}: StopRequest): Promise<void> {
    this.obey('stop', fence)
    const ignoring = ids.filter((id) => {
      const process = this.running.get(id)
      return process !== undefined && this.behaviourOf(process).ignoresTerm === true
    })
    await this.clock.sleep(ignoring.length > 0 ? graceMillis : Math.min(100, graceMillis))
    for (const id of ids) this.running.delete(id)
    for (const id of ignoring) onKilled?.(id)
  }

  async reach(endpoint: Endpoint): Promise<Endpoint> {
    this.reachable()
    return endpoint
  }

  async close(): Promise<void> {
    this.closed++
  }

  behaviourOf({spec}: PretendedProcess): HostBehaviour {
    return this.behaviours.get(spec.release) ?? {}
  }

  /** Whether the process answers by now; one that ended doesn't. */
  isReady(process: PretendedProcess): boolean {
    const age = this.clock.monotonicMillis() - process.startedAt
    const {endsAfterMillis = Infinity, readyAfterMillis = 300} = this.behaviourOf(process)
    return this.away === undefined && age >= readyAfterMillis && age < endsAfterMillis
  }

  private statusOf(id: string, process: PretendedProcess): InstanceStatus {
    const age = this.clock.monotonicMillis() - process.startedAt
    const hasEnded = age >= (this.behaviourOf(process).endsAfterMillis ?? Infinity)
    return {
      v: 1,
      id,
      running: hasEnded ? 'backing-off' : 'running',
      since: '2026-11-20T12:00:00.000Z',
      restarts: hasEnded ? 1 : 0,
      ...(hasEnded && {lastExit: 'exit 1'}),
    }
  }

  private obey(command: string, fence: HostFence | undefined): void {
    this.reachable()
    this.commands.push(command)
    const failure = this.failures.get(command)
    this.failures.delete(command)
    if (failure !== undefined) throw failure
    if (fence === undefined) return
    if (fence.number < this.highestFence) throw fenced(this.name)
    this.highestFence = fence.number
  }

  private reachable(): void {
    if (this.away === undefined) return
    throw new YardError('E_HOST_UNREACHABLE', {
      what: `Can't reach ${this.name}`,
      why: this.away,
      next: [`ssh ${this.name}`],
    })
  }
}

function fenced(host: string): YardError {
  return new YardError('E_FENCED', {
    what: `${host} refuses this deploy`,
    why: 'it has seen a newer one',
    next: ['yard status'],
  })
}
