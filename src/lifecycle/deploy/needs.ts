import {type Catalog} from '../../catalog/catalog.js'
import {type LockIdentity} from '../../catalog/locks.js'
import {type ArtifactStore} from '../../contracts/artifact-store.js'
import {type Clock} from '../../contracts/clock.js'
import {type CommandRunner} from '../../contracts/command-runner.js'
import {type DocumentParser} from '../../contracts/documents.js'
import {type Files} from '../../contracts/files.js'
import {type HttpClient} from '../../contracts/http-client.js'
import {type ProcessManager} from '../../contracts/process-manager.js'
import {type Report} from '../../contracts/report.js'
import {type Router} from '../../contracts/router.js'
import {type SourceRepository} from '../../contracts/source-repository.js'
import {type SmokeReport} from '../../domain/smoke/report.js'
import {type SecretOpener} from '../secrets/open-secrets.js'
import {type SmokeRequest} from '../smoke.js'

/** What moving a release into an environment asks of the world. */
export interface RolloutNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  artifacts: ArtifactStore
  commands: CommandRunner
  http: HttpClient
  /** Tells when what was written has reached every host. */
  router: Router
  processes: Pick<ProcessManager, 'ownsPort' | 'lastLines'>
  isPortFree: (address: string, port: number) => Promise<boolean>
  smoke: (request: SmokeRequest) => Promise<SmokeReport>
  /** For the release process, which runs where the deploy does. */
  openSecrets: SecretOpener
  identity: LockIdentity
  /** Who is at work, for records. */
  actor: string
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
