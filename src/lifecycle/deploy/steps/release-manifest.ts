import {createHash} from 'node:crypto'

import {type ArtifactStore} from '../../../contracts/artifact-store.js'
import {canonicalJson} from '../../../domain/canonical-json.js'
import {type ReleaseManifest} from '../../../domain/release-manifest.js'
import {type Release} from '../../../domain/release.js'

/**
 * What a host is told of a release: what it is made of, and every file. The release is unpacked here.
 * @throws YardError E_ARTIFACT when it isn't, or holds what it must not
 */
export async function releaseManifest(
  {artifacts}: {artifacts: Pick<ArtifactStore, 'manifest'>},
  release: Release,
  /** The release that had the traffic when this one was made. */
  parent: number | undefined,
): Promise<ReleaseManifest> {
  const {artifact, commit, createdAt, createdBy, environment, number, service} = release
  return {
    v: 1,
    service,
    release: number,
    environment,
    commit,
    artifact,
    configDigest: configDigest(release),
    by: createdBy,
    createdAt,
    ...(parent !== undefined && {parent}),
    files: await artifacts.manifest(service, number),
  }
}

/** The same for the same variables and the same sealed secrets, in whatever order they are. */
export function configDigest({secrets, variables}: Pick<Release, 'variables' | 'secrets'>): string {
  return createHash('sha256')
    .update(canonicalJson({variables, secrets: secrets ?? {}}))
    .digest('hex')
}
