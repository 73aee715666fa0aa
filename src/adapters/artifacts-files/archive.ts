import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'

import {create, extract, list, type ReadEntry} from 'tar'

import {YardError} from '../../errors.js'
import {faultOf, maxDecompressionRatio, maxDepth, maxFiles, maxTotalBytes, refused} from './limits.js'

/** The same for every archive, so that the same files give the same bytes. */
const fixedTime = new Date('2000-01-01T00:00:00.000Z')

/**
 * By `tar` 7.5.23: it takes a path that starts with `@` for an archive to copy from, and when run as root it
 * keeps setuid bits; so paths begin with `./`, and the whole listing is judged before the first file is written.
 */
export async function writeArchive(directory: string, paths: readonly string[], file: string): Promise<void> {
  await create(
    {
      cwd: directory,
      file,
      gzip: {level: 6},
      portable: true,
      mtime: fixedTime,
      noDirRecurse: true,
      // One after the other: which of two hard links comes first must not depend on the disk.
      jobs: 1,
    },
    paths.length === 0 ? ['.'] : paths.map((place) => `./${place}`),
  )
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** @throws YardError E_ARTIFACT when anything in the archive must not be unpacked. */
export async function inspectArchive(file: string, what: string): Promise<void> {
  const seen = new Map<string, string>()
  let bytes = 0
  let fault: YardError | undefined
  const judge = (entry: ReadEntry) => {
    if (fault !== undefined) return
    const place = entry.path.replace(/^\.\//, '').replace(/\/$/, '')
    bytes += entry.size
    const kind = kindOf(entry)
    const why =
      faultOf({
        path: place,
        kind,
        mode: entry.mode ?? 0,
        ...(entry.linkpath !== undefined && {target: entry.linkpath}),
      }) ?? repeated(seen, place, kind, bytes)
    if (why !== undefined) fault = refused(what, place, why)
  }
  try {
    await list({file, strict: true, maxDecompressionRatio, onReadEntry: judge})
  } catch (error) {
    throw fault ?? damaged(what, error)
  }
  if (fault !== undefined) throw fault
}

export async function extractArchive(file: string, directory: string, what: string): Promise<void> {
  try {
    await extract({
      file,
      cwd: directory,
      strict: true,
      preserveOwner: false,
      preservePaths: false,
      noMtime: true,
      maxDepth,
      maxDecompressionRatio,
    })
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EACCES' || code === 'EROFS') throw error
    throw damaged(what, error)
  }
}

function repeated(seen: Map<string, string>, place: string, kind: string, bytes: number): string | undefined {
  if (seen.size >= maxFiles) return `is one more than the ${maxFiles} files allowed`
  if (bytes > maxTotalBytes) return 'makes it larger than 4 GiB'
  const twin = seen.get(place.toLowerCase())
  seen.set(place.toLowerCase(), place)
  if (twin === undefined) return undefined
  return twin === place ? `is there twice, as ${kind} the second time` : `differs from ${twin} only by case`
}

function kindOf(entry: ReadEntry): 'file' | 'directory' | 'link' | 'hard-link' | 'other' {
  switch (entry.type) {
    case 'File':
    case 'OldFile':
      return 'file'
    case 'Directory':
      return 'directory'
    case 'SymbolicLink':
      return 'link'
    case 'Link':
      return 'hard-link'
    default:
      return 'other'
  }
}

export function damaged(what: string, cause?: unknown): YardError {
  return new YardError('E_ARTIFACT', {
    what,
    why: 'its archive is damaged or not one that yard made',
    next: ['yard deploy   # builds it again'],
    cause,
  })
}
