import {createHash} from 'node:crypto'

import {canonicalJson} from '../../../domain/canonical-json.js'
import {type ManifestFile, type ReleaseManifest} from '../../../domain/release-manifest.js'
import {type Release} from '../../../domain/release.js'

/** What a host is told of a release: what it is made of, and every file. */
export function releaseManifest(
  release: Release,
  files: readonly ManifestFile[],
  /** The release that had the traffic when this one was made. */
  parent: number | undefined,
): ReleaseManifest {
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
    files: [...files],
  }
}

/** The same for the same files, each with its content: what a host says of them is compared with it. */
export function filesDigest(files: readonly ManifestFile[]): string {
  return createHash('sha256').update(canonicalJson(files)).digest('hex')
}

/** The same for the same variables and the same sealed secrets, in whatever order they are. */
export function configDigest({secrets, variables}: Pick<Release, 'variables' | 'secrets'>): string {
  return createHash('sha256')
    .update(canonicalJson({variables, secrets: secrets ?? {}}))
    .digest('hex')
}
