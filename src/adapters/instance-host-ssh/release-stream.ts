import {createHash} from 'node:crypto'
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs'
import path from 'node:path'

import {withSortedKeys} from '../../domain/canonical-json.js'
import {
  type ContentFile,
  directoriesOf,
  manifestName,
  objectName,
  objectsOf,
  type ReleaseManifest,
} from '../../domain/release-manifest.js'
import {releaseId} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {freshSumsOf, listingOf, modes, sumsOf} from './release-listing.js'
import {tarEnd, type TarEntry, tarHeader, tarPadding} from './release-tar.js'

export interface StreamedRelease {
  release: ReleaseManifest
  /** Names of the contents that go along. */
  missing: readonly string[]
  /** On this machine, with what is missing. */
  directory: string
  /** What the directory is called in which all of it is made, beside the releases. */
  work: string
}

const chunkBytes = 262_144

/**
 * A tar stream for the directory of a service: contents that are missing, then the tree as links to contents, then what it
 * must be. @throws YardError E_ARTIFACT when a file isn't what the manifest says
 */
export async function* releaseStream({
  directory,
  missing,
  release,
  work,
}: StreamedRelease): AsyncGenerator<Buffer> {
  const modifiedAt = new Date(release.createdAt)
  const objects = objectsOf(release.files)
  const isSent = new Set(missing)
  const freshSums = new Map<string, string>()
  const header = (entry: Omit<TarEntry, 'modifiedAt'>) => tarHeader({...entry, modifiedAt})
  const whole = (place: string, text: string) => {
    const bytes = Buffer.from(text)
    return Buffer.concat([
      header({kind: 'file', path: place, bytes: bytes.length, mode: modes.plain}),
      bytes,
      tarPadding(bytes.length),
    ])
  }
  const top = `releases/${work}`

  for (const [name, file] of objects) {
    if (!isSent.has(name)) continue
    yield header({kind: 'file', path: `${top}/objects/${name}`, bytes: file.bytes, mode: modeOf(file)})
    freshSums.set(name, yield* contentOf(path.join(directory, file.path), release, file))
    yield tarPadding(file.bytes)
  }
  yield header({kind: 'directory', path: `${top}/tree`, mode: modes.directory})
  for (const place of directoriesOf(release.files)) {
    yield header({kind: 'directory', path: `${top}/tree/${place}`, mode: modes.directory})
  }
  for (const file of release.files) {
    const place = `${top}/tree/${file.path}`
    if (file.kind === 'directory') continue
    if (file.kind === 'link') yield header({kind: 'link', path: place, target: file.target, mode: 0o777})
    else if (file.bytes === 0) yield header({kind: 'file', path: place, bytes: 0, mode: modeOf(file)})
    else {
      const name = objectName(file)
      const target = isSent.has(name) ? `${top}/objects/${name}` : `objects/${name}`
      yield header({kind: 'hard-link', path: place, target, mode: modeOf(file)})
    }
  }
  yield whole(`${top}/tree/${manifestName}`, manifestText(release))
  yield whole(`${top}/listing`, listingOf(release))
  yield whole(`${top}/fresh`, freshSumsOf(release.files, freshSums))
  yield whole(`${top}/sums`, sumsOf(release.files, isSent))
  yield tarEnd()
}

/** `release.json`: one file to a line, so that people can read it and compare two. */
export function manifestText({files, ...rest}: ReleaseManifest): string {
  const head = JSON.stringify(withSortedKeys(rest), undefined, 2).replace(/\n\}$/, '')
  const lines = files.map((file) => `    ${JSON.stringify(file)}`)
  return `${head},\n  "files": [\n${lines.join(',\n')}\n  ]\n}\n`
}

/**
 * Returns the BLAKE2b of what went out, once it's known to be what the manifest says. Without a trip to another thread for
 * each piece, which would take longer than to read it.
 */
function* contentOf(
  file: string,
  release: ReleaseManifest,
  {bytes, digest, path: place}: ContentFile,
): Generator<Buffer, string> {
  let descriptor: number
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    throw changedHere(release, place, error)
  }
  try {
    if (fstatSync(descriptor).size !== bytes) throw changedHere(release, place)
    const [sha256, blake2b] = [createHash('sha256'), createHash('blake2b512')]
    for (let sent = 0; sent < bytes;) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, bytes - sent))
      const read = readSync(descriptor, chunk, 0, chunk.length, sent)
      if (read === 0) throw changedHere(release, place)
      sent += read
      const own = chunk.subarray(0, read)
      sha256.update(own)
      blake2b.update(own)
      yield own
    }
    if (sha256.digest('hex') !== digest) throw changedHere(release, place)
    return blake2b.digest('hex')
  } finally {
    closeSync(descriptor)
  }
}

function modeOf({executable}: {executable: boolean}): number {
  return executable ? modes.executable : modes.plain
}

function changedHere({release, service}: ReleaseManifest, place: string, cause?: unknown): YardError {
  return new YardError('E_ARTIFACT', {
    what: `Can't send ${releaseId(service, release)}`,
    why: `${place} is not what it was when it was unpacked on this machine`,
    next: ['yard deploy   # makes a release anew'],
    ...(cause !== undefined && {cause}),
    details: {path: place},
  })
}
