import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {lstat, readdir, readFile, readlink, rename, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'

import {manifestFault, type ManifestFile, manifestFilesSchema} from '../../domain/release-manifest.js'
import {check} from '../../domain/schema.js'
import {faultOf, refused} from './limits.js'
import {temporaryPath} from './leftovers.js'

const what = "Can't list the files of the release"
/** So many files are read at a time. */
const readersAtOnce = 8

/**
 * Every file of an unpacked release with the sha256 of its content, sorted by path.
 * @throws YardError E_ARTIFACT for what may not be in a release
 */
export async function listFiles(directory: string): Promise<ManifestFile[]> {
  const found: Found[] = []
  await walk(directory, '', found)
  const files: ManifestFile[] = []
  let next = 0
  const reader = async () => {
    for (let one = found[next++]; one !== undefined; one = found[next++])
      files.push(await describe(directory, one))
  }
  await Promise.all(Array.from({length: readersAtOnce}, reader))
  files.sort((one, other) => (one.path < other.path ? -1 : 1))
  const checked = check(manifestFilesSchema, files)
  if (!checked.ok) {
    const [problem] = checked.problems
    const index = problem?.path[0]
    throw refused(what, typeof index === 'number' ? (files[index]?.path ?? '') : '', problem?.message ?? '')
  }
  const fault = manifestFault(files)
  if (fault !== undefined) throw refused(what, fault.path, fault.why)
  return checked.value
}

/** What an earlier call listed, unless it was of another artifact or isn't what it should be. */
export async function readKept(file: string, artifact: string): Promise<ManifestFile[] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const {artifact: listedOf, files} = JSON.parse(text) as Record<string, unknown>
    const checked = check(manifestFilesSchema, files)
    return listedOf === artifact && checked.ok ? checked.value : undefined
  } catch {
    return undefined
  }
}

export async function keep(file: string, artifact: string, files: readonly ManifestFile[]): Promise<void> {
  const temporary = temporaryPath(path.dirname(file), 'release')
  try {
    await writeFile(temporary, JSON.stringify({artifact, files}), {mode: 0o600})
    await rename(temporary, file)
  } finally {
    await rm(temporary, {force: true})
  }
}

interface Found {
  path: string
  kind: ManifestFile['kind']
}

async function walk(directory: string, below: string, found: Found[]): Promise<void> {
  const entries = await readdir(path.join(directory, below), {withFileTypes: true})
  if (entries.length === 0 && below !== '') found.push({path: below, kind: 'directory'})
  for (const entry of entries) {
    const place = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) await walk(directory, place, found)
    else found.push({path: place, kind: entry.isSymbolicLink() ? 'link' : 'file'})
  }
}

async function describe(directory: string, {kind, path: place}: Found): Promise<ManifestFile> {
  const absolute = path.join(directory, place)
  if (kind === 'directory') return {kind, path: place}
  if (kind === 'link') return {kind, path: place, target: await readlink(absolute)}
  const found = await lstat(absolute)
  const fault = faultOf({path: place, kind: found.isFile() ? 'file' : 'other', mode: found.mode})
  if (fault !== undefined) throw refused(what, place, fault)
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(absolute)) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return {kind, path: place, digest: hash.digest('hex'), bytes, executable: (found.mode & 0o100) !== 0}
}
