import {createHash} from 'node:crypto'
import path from 'node:path'

import {YamlDocumentParser} from '../../src/adapters/documents-yaml/index.js'
import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type LockIdentity} from '../../src/catalog/locks.js'
import {ensureLocalEnvironment} from '../../src/catalog/seed.js'
import {type ArtifactStore} from '../../src/contracts/artifact-store.js'
import {type CommandRunner, type RunResult} from '../../src/contracts/command-runner.js'
import {type Files} from '../../src/contracts/files.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {type SourceRepository} from '../../src/contracts/source-repository.js'
import {type Deploy} from '../../src/domain/deploy.js'
import {type Instance} from '../../src/domain/instance.js'
import {plannedSteps} from '../../src/domain/planned-steps.js'
import {type ManifestFile} from '../../src/domain/release-manifest.js'
import {type SmokeReport} from '../../src/domain/smoke/report.js'
import {defaultStrategy} from '../../src/domain/strategy.js'
import {YardError} from '../../src/errors.js'
import {type DeployNeeds} from '../../src/lifecycle/deploy.js'
import {SupervisedHost} from '../../src/lifecycle/deploy/supervised-host.js'
import {SupervisedTraffic} from '../../src/lifecycle/deploy/traffic/supervised-traffic.js'
import {type SmokeRequest} from '../../src/lifecycle/smoke.js'
import {FakeAgent} from './agent.js'
import {aService} from './records.js'
import {SimulatedClock} from './simulated-clock.js'

export const root = '/srv/hello'
export const serviceText = 'name: hello\nowner: ada\ndescription: Says hello.\nbuild: [make]\nsmoke: []\n'

/** A service `hello` in a repository, an environment that is up, and everything a deploy asks for. */
export class DeployWorld {
  readonly clock = new SimulatedClock()
  readonly catalog = new Catalog(new MemoryStore({now: () => this.clock.now().getTime()}))
  readonly agent = new FakeAgent(this.catalog, this.clock)
  readonly events: YardEvent[] = []
  readonly commandLines: string[] = []
  readonly commandResults = new Map<string, RunResult>()
  readonly unpacked = new Set<number>()
  readonly artifactsKept = new Set<string>()
  readonly staged = new Map<string, string>()
  readonly tree = new Map([
    ['service.yaml', serviceText],
    ['Procfile', 'web: node server.js\n'],
  ])
  changed: string[] = []
  head = commitOf('first')
  smokeReports: SmokeReport[] = []
  smokeRequests: SmokeRequest[] = []
  processes = 0
  /** Changes that a person had to agree to, were the environment protected. */
  readonly asked: string[] = []

  async open(): Promise<this> {
    await ensureLocalEnvironment(this.catalog)
    await this.catalog.commit('test', [], [this.catalog.services.put(keys.service('hello'), aService())])
    this.clock.surroundings = () => this.agent.tick()
    await this.agent.tick()
    return this
  }

  /** What one run of the command gets; each is another process on this machine. */
  needs(changes: Partial<DeployNeeds> = {}): DeployNeeds {
    const pid = ++this.processes
    const {catalog, clock} = this
    const artifacts = this.artifacts()
    const commands: CommandRunner = changes.commands ?? {
      run: async (command) => this.runCommand('line' in command ? command.line : command.file),
    }
    return {
      catalog,
      clock,
      report: (event) => this.events.push(event),
      artifacts,
      commands,
      http: this.agent,
      openInstanceHost: async (environment, host) =>
        new SupervisedHost(
          {catalog, clock, artifacts, commands, processes: this.agent},
          environment.name,
          host.name,
        ),
      trafficOf: async ({name}) => new SupervisedTraffic({catalog, clock}, name, async () => undefined),
      isPortFree: async () => true,
      acceptsConnections: async () => true,
      smoke: async (request) => this.smoke(request),
      openSecrets: async () => ({}),
      identity: this.identity(pid),
      actor: 'ada@laptop',
      confirmProtected: async ({purpose}) => void this.asked.push(purpose),
      signal: new AbortController().signal,
      repository: this.repository(),
      documents: new YamlDocumentParser(),
      files: this.files(),
      ...changes,
    }
  }

  /** Another run of the command may only break a lock whose holder was declared dead. */
  readonly dead = new Set<number>()

  async instances(): Promise<Instance[]> {
    return (await this.catalog.instances.list(keys.instances('local', 'hello'))).records.map(
      ({record}) => record,
    )
  }

  async deploys(): Promise<Deploy[]> {
    return (await this.catalog.deploys.list(keys.deploys('local', 'hello'))).records.map(({record}) => record)
  }

  async binding(): Promise<number | undefined> {
    return (await this.catalog.bindings.get(keys.binding('local', 'hello')))?.record.active
  }

  async ports(): Promise<string[]> {
    return (await this.catalog.ports.list(keys.ports('local', 'localhost'))).records.map(
      ({record}) => record.owner,
    )
  }

  private identity(pid: number): LockIdentity {
    return {
      holder: 'ada@laptop',
      host: 'laptop',
      pid,
      processStartedAt: `boot:${pid}`,
      isAlive: (lock) => !this.dead.has(lock.pid),
    }
  }

  private runCommand(line: string): RunResult {
    this.commandLines.push(line)
    return this.commandResults.get(line) ?? {outcome: 'succeeded', exitCode: 0, lastLines: []}
  }

  private smoke(request: SmokeRequest): SmokeReport {
    this.smokeRequests.push(request)
    const report = this.smokeReports.shift()
    return report ?? aSmokeReport({outcome: 'skipped'})
  }

  private artifacts(): ArtifactStore {
    return {
      pack: async (directory) => {
        const digest = createHash('sha256').update(this.contentOf(directory)).digest('hex')
        this.artifactsKept.add(digest)
        return {digest, bytes: 1, files: 1}
      },
      has: async (digest) => this.artifactsKept.has(digest),
      removeArtifact: async (digest) => void this.artifactsKept.delete(digest),
      unpack: async (digest, service, release) => {
        if (!this.artifactsKept.has(digest)) throw notHere(digest)
        this.unpacked.add(release)
        return `/releases/${service}/r${release}`
      },
      manifest: async () => this.manifest(),
      releaseDirectory: (service, release) => `/releases/${service}/r${release}`,
      unpackedReleases: async () => [...this.unpacked].sort((one, other) => one - other),
      removeRelease: async (_service, release) => void this.unpacked.delete(release),
      removeLeftovers: async () => this.staged.clear(),
      createStaging: async () => {
        const directory = `/builds/${this.staged.size + 1}`
        this.staged.set(directory, '')
        return directory
      },
      removeStaging: async (directory) => void this.staged.delete(directory),
    }
  }

  private manifest(): ManifestFile[] {
    const files = [...this.tree].map(([path, text]): ManifestFile => {
      const digest = createHash('sha256').update(text).digest('hex')
      return {kind: 'file', path, digest, bytes: text.length, executable: false}
    })
    return files.sort((one, other) => (one.path < other.path ? -1 : 1))
  }

  private contentOf(directory: string): string {
    return `${this.staged.get(directory) ?? ''} ${JSON.stringify([...this.tree])}`
  }

  private repository(): SourceRepository {
    return {
      findRoot: async (directory) => (directory.startsWith(root) ? root : undefined),
      resolve: async (_root, ref) => (['HEAD', 'main', this.head].includes(ref) ? this.head : undefined),
      changedPaths: async () => this.changed,
      currentBranch: async () => 'main',
      originUrl: async () => 'https://example.com/hello.git',
      exportCommit: async (_root, commit, directory) => void this.staged.set(directory, commit),
      exportWorkTree: async (_root, directory) => void this.staged.set(directory, 'work tree'),
      createWithFirstCommit: async () => this.head,
      identity: async () => undefined,
    }
  }

  private files(): Files {
    return {
      readText: async (file) => this.tree.get(path.basename(file)),
      writeText: async (file, text) => void this.tree.set(path.basename(file), text),
      exists: async (file) => path.dirname(file) === root && this.tree.has(path.basename(file)),
      find: async () => [],
      list: async () => [...this.tree.keys()].sort(),
    }
  }
}

function notHere(digest: string): YardError {
  return new YardError('E_ARTIFACT', {
    what: `Can't unpack ${digest}`,
    why: 'its archive is not on this machine any more',
    next: ['yard releases list'],
  })
}

export function commitOf(name: string): string {
  return createHash('sha1').update(name).digest('hex')
}

export function aSmokeReport(changes: Partial<SmokeReport>): SmokeReport {
  return {
    service: 'hello',
    environment: 'local',
    baseUrl: 'http://127.0.0.1:7070',
    outcome: 'passed',
    startedAt: '2026-11-20T12:00:00.000Z',
    millis: 10,
    requests: 1,
    failures: 0,
    files: [],
    ...changes,
  }
}

/** The steps of a deploy to this machine. */
export const localSteps = plannedSteps({kind: 'local', strategy: defaultStrategy, batches: 1}).map(
  ({step}) => step,
)
