import {type ArtifactStore} from '../../../contracts/artifact-store.js'
import {type Release} from '../../../domain/release.js'
import {YardError} from '../../../errors.js'
import {HostsReleaseSource} from './hosts-release-source.js'
import {type ReleaseSource, type SourceNeeds, type SourceOptions} from './release-source.js'

/**
 * What was built on this machine; else what hosts have of it, as far as the catalog vouches for it.
 * @throws YardError E_ARTIFACT when nobody has it, E_FENCED
 */
export async function openReleaseSource(
  needs: SourceNeeds,
  release: Release,
  options: SourceOptions = {},
): Promise<ReleaseSource> {
  const {artifacts} = needs
  const directory = await unpackedHere(artifacts, release)
  if (directory === undefined) return HostsReleaseSource.open(needs, release, options)
  return {
    files: await artifacts.manifest(release.service, release.number),
    directoryWith: async () => directory,
    close: async () => undefined,
  }
}

async function unpackedHere(
  artifacts: ArtifactStore,
  {artifact, number, service}: Release,
): Promise<string | undefined> {
  try {
    return await artifacts.unpack(artifact, service, number)
  } catch (error) {
    const isAbsent =
      error instanceof YardError && error.code === 'E_ARTIFACT' && !(await artifacts.has(artifact))
    if (isAbsent) return undefined
    throw error
  }
}
