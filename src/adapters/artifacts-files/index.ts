import {mkdir, open, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises'
import path from 'node:path'

import {type ArtifactStore} from '../../contracts/artifact-store.js'
import {type ManifestFile} from '../../domain/release-manifest.js'
import {parseName} from '../../domain/names.js'
import {releaseId} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {damaged, digestOf, extractArchive, inspectArchive, writeArchive} from './archive.js'
import {translated} from './failures.js'
import {keep, listFiles, readKept} from './file-list.js'
import {removeTemporaries, temporaryPath} from './leftovers.js'
import {listTree} from './listing.js'

export interface ArtifactDirectories {
  artifacts: string
  releases: string
  builds: string
}

const privateMode = {recursive: true, mode: 0o700} as const
const digestPattern = /^[0-9a-f]{64}$/
/** Beside the directory of a release: which artifact it was unpacked from. */
const digestSuffix = '.sha256'
/** Beside it, too: its files, which are read once. */
const filesSuffix = '.files.json'

/** Archives and unpacked releases as files of this machine. */
export class FileArtifactStore implements ArtifactStore {
  constructor(private readonly directories: ArtifactDirectories) {}

  pack(directory: string): Promise<{digest: string; bytes: number; files: number}> {
    return translated("Can't pack the build", async () => {
      const {artifacts} = this.directories
      await mkdir(artifacts, privateMode)
      await removeTemporaries(artifacts, 'archive')
      const {paths, files} = await listTree(directory)
      const temporary = temporaryPath(artifacts, 'archive')
      try {
        await writeArchive(directory, paths, temporary)
        await flushToDisk(temporary)
        const digest = await digestOf(temporary)
        const {size} = await stat(temporary)
        await rename(temporary, this.archiveOf(digest))
        return {digest, bytes: size, files}
      } finally {
        await rm(temporary, {force: true})
      }
    })
  }

  async has(digest: string): Promise<boolean> {
    return (await stat(this.archiveOf(digest)).catch(() => undefined))?.isFile() ?? false
  }

  removeArtifact(digest: string): Promise<void> {
    return translated("Can't remove an old artifact", () => rm(this.archiveOf(digest), {force: true}))
  }

  unpack(digest: string, service: string, release: number): Promise<string> {
    const what = `Can't unpack ${releaseId(service, release)}`
    return translated(what, async () => {
      const directory = this.releaseDirectory(service, release)
      if (await this.isUnpacked(directory, digest)) return directory
      const archive = this.archiveOf(digest)
      if (!(await this.has(digest))) throw missing(what)
      if ((await digestOf(archive)) !== digest) throw damaged(what)
      await inspectArchive(archive, what)

      const temporary = temporaryPath(path.dirname(directory), 'release')
      await mkdir(temporary, privateMode)
      try {
        await extractArchive(archive, temporary, what)
        await rm(directory, {recursive: true, force: true})
        await rm(`${directory}${filesSuffix}`, {force: true})
        await writeFile(`${directory}${digestSuffix}`, digest, {mode: 0o600})
        await rename(temporary, directory)
      } finally {
        await rm(temporary, {recursive: true, force: true})
      }
      return directory
    })
  }

  manifest(service: string, release: number): Promise<ManifestFile[]> {
    const what = `Can't list the files of ${releaseId(service, release)}`
    return translated(what, async () => {
      const directory = this.releaseDirectory(service, release)
      const artifact = await this.unpackedFrom(directory)
      if (artifact === undefined) throw missing(what)
      const kept = await readKept(`${directory}${filesSuffix}`, artifact)
      if (kept !== undefined) return kept
      const files = await listFiles(directory)
      await keep(`${directory}${filesSuffix}`, artifact, files)
      return files
    })
  }

  releaseDirectory(service: string, release: number): string {
    return path.join(this.directories.releases, parseName('service', service), `r${release}`)
  }

  async unpackedReleases(service: string): Promise<number[]> {
    const names = await readdir(path.dirname(this.releaseDirectory(service, 1))).catch(() => [])
    return names
      .filter((name) => /^r[1-9][0-9]{0,8}$/.test(name))
      .map((name) => Number(name.slice(1)))
      .sort((one, other) => one - other)
  }

  removeRelease(service: string, release: number): Promise<void> {
    return translated(`Can't remove ${releaseId(service, release)}`, async () => {
      const directory = this.releaseDirectory(service, release)
      const temporary = temporaryPath(path.dirname(directory), 'release')
      // Renamed first: a directory that is half removed must not pass for a release.
      await rename(directory, temporary).catch(ignoreMissing)
      for (const suffix of [digestSuffix, filesSuffix]) await rm(`${directory}${suffix}`, {force: true})
      await rm(temporary, {recursive: true, force: true})
    })
  }

  removeLeftovers(service: string): Promise<void> {
    return translated("Can't remove what an earlier run left", async () => {
      await removeTemporaries(this.directories.builds, parseName('service', service))
      await removeTemporaries(path.dirname(this.releaseDirectory(service, 1)), 'release')
    })
  }

  createStaging(service: string): Promise<string> {
    return translated("Can't make a directory for the build", async () => {
      const outer = temporaryPath(this.directories.builds, parseName('service', service))
      // One level more, so that what tools put beside the directory is removed with it.
      const directory = path.join(outer, 'tree')
      await mkdir(directory, privateMode)
      return directory
    })
  }

  removeStaging(directory: string): Promise<void> {
    const outer = path.dirname(directory)
    if (path.dirname(outer) !== path.resolve(this.directories.builds)) return Promise.resolve()
    return translated("Can't remove the directory of the build", () =>
      rm(outer, {recursive: true, force: true}),
    )
  }

  private archiveOf(digest: string): string {
    if (!digestPattern.test(digest)) throw new Error(`not a digest: ${digest.slice(0, 80)}`)
    return path.join(this.directories.artifacts, `${digest}.tar.gz`)
  }

  /** A directory of the same number from another catalog's life is not this release. */
  private async isUnpacked(directory: string, digest: string): Promise<boolean> {
    return (await this.unpackedFrom(directory)) === digest
  }

  /** The artifact that a release was unpacked from; undefined when it isn't there. */
  private async unpackedFrom(directory: string): Promise<string | undefined> {
    const found = await stat(directory).catch(() => undefined)
    if (found?.isDirectory() !== true) return undefined
    return readFile(`${directory}${digestSuffix}`, 'utf8').catch(() => undefined)
  }
}

async function flushToDisk(file: string): Promise<void> {
  const opened = await open(file, 'r+')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

function missing(what: string): YardError {
  return new YardError('E_ARTIFACT', {
    what,
    why: 'its archive is not on this machine any more',
    next: ['yard deploy --ref COMMIT   # builds it again', 'yard releases list'],
  })
}
