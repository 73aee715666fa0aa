import {type ArtifactStore} from '../../../contracts/artifact-store.js'
import {type InstanceHost, type SurveyRequest} from '../../../contracts/instance-host.js'
import {type Environment, type Host} from '../../../domain/environment.js'
import {type Report} from '../../../contracts/report.js'
import {type ManifestFile} from '../../../domain/release-manifest.js'
import {type HolderNeeds, type ReleaseHolder} from './release-holders.js'

/** Where the files of a release come from: for hosts that lack some, and for what is read of them on this machine. */
export interface ReleaseSource {
  /** All of them, sorted by path. */
  readonly files: readonly ManifestFile[]
  /** A directory on this machine that holds these files of it, at least. @throws YardError E_ARTIFACT */
  directoryWith(files: readonly ManifestFile[]): Promise<string>
  close(): Promise<void>
}

export interface SourceNeeds extends HolderNeeds {
  artifacts: ArtifactStore
  report: Report
}

export interface SourceOptions {
  /** Looks at hosts on the way; called for each one that is asked. */
  surveyFor?: (holder: ReleaseHolder) => Omit<SurveyRequest, 'release'> | undefined
  /** A machine that is open already, and that somebody else closes. */
  machineOf?: (environment: Environment, host: Host) => Promise<InstanceHost> | undefined
}
