import {type Dirent} from 'node:fs'
import {lstat, readdir, readlink} from 'node:fs/promises'
import path from 'node:path'

import {faultOf, maxFiles, maxTotalBytes, refused} from './limits.js'

/** Paths below a directory that go into its archive: sorted by bytes, parents first, without `.git`. */
export async function listTree(directory: string): Promise<{paths: string[]; files: number}> {
  const tree = {paths: [] as string[], files: 0, bytes: 0, folded: new Map<string, string>()}
  await walk(directory, '', tree)
  return {paths: tree.paths, files: tree.files}
}

interface Tree {
  paths: string[]
  files: number
  bytes: number
  /** By lower-case path: two that differ only by case can't be unpacked everywhere. */
  folded: Map<string, string>
}

const what = "Can't pack the build"

async function walk(directory: string, below: string, tree: Tree): Promise<void> {
  const entries = await readdir(path.join(directory, below), {withFileTypes: true})
  entries.sort((one, other) => (one.name < other.name ? -1 : 1))
  for (const entry of entries) {
    if (entry.name === '.git') continue
    const place = below === '' ? entry.name : `${below}/${entry.name}`
    await add(directory, place, entry, tree)
    if (entry.isDirectory()) await walk(directory, place, tree)
  }
}

async function add(directory: string, place: string, entry: Dirent, tree: Tree): Promise<void> {
  const absolute = path.join(directory, place)
  const {mode, size} = await lstat(absolute)
  const kind = kindOf(entry)
  const target = kind === 'link' ? await readlink(absolute) : undefined
  const fault = faultOf({path: place, kind, mode, ...(target !== undefined && {target})})
  if (fault !== undefined) throw refused(what, place, fault)

  const twin = tree.folded.get(place.toLowerCase())
  if (twin !== undefined) throw refused(what, place, `differs from ${twin} only by case`)
  tree.folded.set(place.toLowerCase(), place)

  tree.paths.push(place)
  tree.files += 1
  tree.bytes += kind === 'file' ? size : 0
  if (tree.files > maxFiles) throw refused(what, place, `is one more than the ${maxFiles} files allowed`)
  if (tree.bytes > maxTotalBytes) throw refused(what, place, 'makes it larger than 4 GiB')
}

function kindOf(entry: Dirent): 'file' | 'directory' | 'link' | 'other' {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}
