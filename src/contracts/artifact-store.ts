import {type ManifestFile} from '../domain/release-manifest.js'

/** Content-addressed archives of built services, and the directories of releases unpacked from them. */
export interface ArtifactStore {
  /**
   * Packs a directory; the same files give the same digest. Returns the sha256 of the archive.
   * @throws YardError E_ARTIFACT for what can't be shipped, such as a link out of the directory.
   */
  pack(directory: string): Promise<{digest: string; bytes: number; files: number}>
  has(digest: string): Promise<boolean>
  removeArtifact(digest: string): Promise<void>
  /**
   * Verifies the digest and unpacks; the directory appears by one rename and is complete. Does nothing when it is
   * there already.
   * @throws YardError E_ARTIFACT when the archive is gone, damaged, or holds what it must not.
   */
  unpack(digest: string, service: string, release: number): Promise<string>
  /**
   * Every file of an unpacked release with the hash of its content, sorted by path.
   * @throws YardError E_ARTIFACT when it isn't unpacked here, or holds what it must not.
   */
  manifest(service: string, release: number): Promise<ManifestFile[]>
  /** Where a release lives once unpacked. */
  releaseDirectory(service: string, release: number): string
  /** Release numbers that are unpacked, ascending. */
  unpackedReleases(service: string): Promise<number[]>
  removeRelease(service: string, release: number): Promise<void>
  /** Removes what killed builds and unpackings of the service left behind. */
  removeLeftovers(service: string): Promise<void>
  /** An empty directory for a build. */
  createStaging(service: string): Promise<string>
  removeStaging(directory: string): Promise<void>
}
