import {type RecallRequest} from '../../contracts/instance-host.js'
import {type RemoteShell} from '../../contracts/remote-shell.js'
import {manifestFault, type ReleaseManifest, releaseManifestSchema} from '../../domain/release-manifest.js'
import {check} from '../../domain/schema.js'
import {type ReleasePlaces} from './release-places.js'
import {runReleaseScript} from './release-script-call.js'
import {type Surveyed, surveyUnknown} from './survey.js'

export interface Recalled {
  /** Undefined when it isn't there, or isn't what a release could be. */
  release: ReleaseManifest | undefined
  /** When it was asked for. */
  surveyed?: Surveyed
}

const deadlineMillis = 60_000

/** @throws YardError E_FENCED, E_HOST_SETUP, E_PERMISSION, E_HOST_UNREACHABLE */
export async function recallRelease(
  shell: RemoteShell,
  places: ReleasePlaces,
  {release, service, survey}: RecallRequest,
): Promise<Recalled> {
  if (survey !== undefined) {
    const {said, surveyed} = await surveyUnknown(shell, places, {...survey, service, release})
    return {release: manifestIn(said), surveyed}
  }
  const call = {fence: undefined, service, release, args: [], input: '', deadlineMillis}
  const {stdout} = await runReleaseScript(shell, places, 'recall', call)
  return {release: manifestIn(stdout)}
}

/** The machine may say anything. */
function manifestIn(said: string): ReleaseManifest | undefined {
  const text = said
    .split('\n')
    .flatMap((line) => (line.startsWith('json ') ? [line.slice('json '.length)] : []))
    .join('\n')
  if (text === '') return undefined
  try {
    const checked = check(releaseManifestSchema, JSON.parse(text))
    return checked.ok && manifestFault(checked.value.files) === undefined ? checked.value : undefined
  } catch {
    return undefined
  }
}
