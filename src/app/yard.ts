import {type Catalog} from '../catalog/catalog.js'
import {type ArtifactStore} from '../contracts/artifact-store.js'
import {type Clock} from '../contracts/clock.js'
import {type CommandRunner} from '../contracts/command-runner.js'
import {type DocumentParser} from '../contracts/documents.js'
import {type Files} from '../contracts/files.js'
import {type GraphDrawer} from '../contracts/graph-drawer.js'
import {type HostShells} from '../contracts/host-shells.js'
import {type HttpClient} from '../contracts/http-client.js'
import {type KeptLogs} from '../contracts/log-reader.js'
import {type ProcessManager} from '../contracts/process-manager.js'
import {type RegularExpressions} from '../contracts/regular-expressions.js'
import {type Report} from '../contracts/report.js'
import {type SecretBox} from '../contracts/secret-box.js'
import {type SourceRepository} from '../contracts/source-repository.js'
import {type Platform} from '../domain/platform-file.js'
import {type CatalogLocation} from './catalog-url.js'
import {type Failpoint} from './failpoint.js'
import {type WorkspaceStages} from '../contracts/workspace-stage.js'
import {type YardPaths} from './paths.js'

/**
 * Everything a command may need of the world. Cheap things are values; the rest is opened when first asked for,
 * so that no command pays for a library it doesn't use.
 */
export interface Yard {
  readonly workingDirectory: string
  readonly paths: YardPaths
  /** Where the catalog in use is. @throws YardError E_CATALOG_URL, E_PLATFORM_FILE */
  catalogLocation(): Promise<CatalogLocation>
  /** The platform file in use, undefined when there is none. @throws YardError E_PLATFORM_FILE */
  platform(): Promise<Platform | undefined>
  /** Who is at work, for records: `user@machine`. */
  readonly actor: string
  readonly machine: string
  readonly clock: Clock
  readonly report: Report
  /** Aborts on Ctrl-C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal
  /** The variables that a process started by yard gets besides its own. */
  readonly baseVariables: Readonly<Record<string, string>>
  /** Named by a test to have the program killed at a step of a deploy. */
  readonly failpoint: Failpoint | undefined
  catalog(): Promise<Catalog>
  repository(): Promise<SourceRepository>
  artifacts(): Promise<ArtifactStore>
  commands(): Promise<CommandRunner>
  processes(): Promise<ProcessManager>
  /** Shells on the machines of environments. */
  hosts(): Promise<HostShells>
  http(): Promise<HttpClient>
  logs(): Promise<KeptLogs>
  documents(): Promise<DocumentParser>
  files(): Promise<Files>
  regularExpressions(): Promise<RegularExpressions>
  stages(): Promise<WorkspaceStages>
  secrets(): Promise<SecretBox>
  graphs(): Promise<GraphDrawer>
  close(): Promise<void>
}
