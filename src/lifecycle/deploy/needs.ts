import {type Catalog} from '../../catalog/catalog.js'
import {type LockIdentity} from '../../catalog/locks.js'
import {type ArtifactStore} from '../../contracts/artifact-store.js'
import {type Clock} from '../../contracts/clock.js'
import {type CommandRunner} from '../../contracts/command-runner.js'
import {type DocumentParser} from '../../contracts/documents.js'
import {type Files} from '../../contracts/files.js'
import {type HttpClient} from '../../contracts/http-client.js'
import {type InstanceHost} from '../../contracts/instance-host.js'
import {type Report} from '../../contracts/report.js'
import {type SourceRepository} from '../../contracts/source-repository.js'
import {type Traffic} from '../../contracts/traffic.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {type Endpoint} from '../../domain/routing.js'
import {type SmokeReport} from '../../domain/smoke/report.js'
import {type HookSettings} from '../hooks/run-hooks.js'
import {type Announcer} from '../notify/announcer.js'
import {type SecretOpener} from '../secrets/open-secrets.js'
import {type SmokeRequest} from '../smoke.js'

/** What moving a release into an environment asks of the world. */
export interface RolloutNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  artifacts: ArtifactStore
  /** Runs builds and hooks on this machine. */
  commands: CommandRunner
  http: HttpClient
  /** A machine of the environment; connects when it's first asked for something, and is closed by whoever opened it. */
  openInstanceHost: (environment: Environment, host: Host) => Promise<InstanceHost>
  /** Brings what was written to every host of the environment, and tells what is under way there. */
  trafficOf: (environment: Environment) => Promise<Traffic>
  /** Whether this machine can listen there; asked for hosts that are this machine. */
  isPortFree: (address: string, port: number) => Promise<boolean>
  /** Whether somebody accepts connections there. */
  acceptsConnections: (endpoint: Endpoint) => Promise<boolean>
  /** Those of the platform file, and what all hooks are run with. */
  hooks?: HookSettings
  /** Tells people of it. */
  announcer?: Announcer
  smoke: (request: SmokeRequest) => Promise<SmokeReport>
  openSecrets: SecretOpener
  identity: LockIdentity
  /** Who is at work, for records. */
  actor: string
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
  /** Aborts on Ctrl-C: what was begun is put back. */
  signal: AbortSignal
  /** Awaited around every step and between the writes inside of one; a test kills the program there. */
  failpoint?: ((step: string, moment: string) => Promise<void>) | undefined
}

export interface DeployNeeds extends RolloutNeeds {
  repository: SourceRepository
  documents: DocumentParser
  files: Files
}
