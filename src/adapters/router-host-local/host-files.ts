import {link, mkdir, open, readdir, readFile, rename, rm} from 'node:fs/promises'
import path from 'node:path'

import {type HostFile} from '../../contracts/router-host.js'
import {configFile} from '../../domain/haproxy/rendered.js'

import {fileFault} from './file-fault.js'

/** HAProxy's configuration and what it names; anything else in the directory is left alone. */
const ownFile = /^[a-z][a-z0-9-]*\.(cfg|map|list|state)$/

/**
 * Three sets of files: `candidate/`, what is in place, and `previous/`. A file in place is replaced by a rename and never
 * written to, so sets can share it by a hard link.
 */
export class HostFiles {
  constructor(private readonly directory: string) {}

  get candidate(): string {
    return path.join(this.directory, 'candidate')
  }

  private get previous(): string {
    return path.join(this.directory, 'previous')
  }

  /** By name; undefined when there is no configuration yet. */
  async installed(): Promise<ReadonlyMap<string, string> | undefined> {
    const names = await namesIn(this.directory)
    if (!names.includes(configFile)) return undefined
    const texts = await Promise.all(names.map((name) => readIfThere(path.join(this.directory, name))))
    return new Map(names.flatMap((name, index) => pairOf(name, texts[index])))
  }

  /** @throws YardError E_DISK_FULL, E_PERMISSION */
  async writeCandidate(files: readonly HostFile[]): Promise<void> {
    await this.guarded(async () => {
      await mkdir(this.directory, {recursive: true, mode: 0o700})
      await rm(this.candidate, {recursive: true, force: true})
      await mkdir(this.candidate, {mode: 0o700})
      await Promise.all(files.map((file) => this.writeOne(file)))
    })
  }

  /** @throws YardError E_DISK_FULL, E_PERMISSION */
  async install(): Promise<void> {
    await this.guarded(async () => {
      const inPlace = await namesIn(this.directory)
      if (inPlace.includes(configFile)) await this.keep(inPlace)
      await this.putInPlace(this.candidate, inPlace)
    })
  }

  /** Those before stay what they are. @throws YardError E_DISK_FULL, E_PERMISSION */
  async replaceFile({name, text}: HostFile): Promise<void> {
    await this.guarded(async () => {
      const draft = path.join(this.directory, `${name}.new`)
      await writeDurably(draft, text)
      await rename(draft, path.join(this.directory, name))
    })
  }

  /** False when there are none. @throws YardError E_DISK_FULL, E_PERMISSION */
  async restorePrevious(): Promise<boolean> {
    if (!(await namesIn(this.previous)).includes(configFile)) return false
    await this.guarded(async () => {
      await this.putInPlace(this.previous, await namesIn(this.directory))
      await rm(this.previous, {recursive: true, force: true})
    })
    return true
  }

  /** The texts of a file in place and before that, as far as they are there. */
  async versionsOf(name: string): Promise<string[]> {
    const texts = await Promise.all(
      [this.directory, this.previous].map((from) => readIfThere(path.join(from, name))),
    )
    return texts.filter((text) => text !== undefined)
  }

  private async writeOne({name, text}: HostFile): Promise<void> {
    const inPlace = path.join(this.directory, name)
    const target = path.join(this.candidate, name)
    if ((await readIfThere(inPlace)) === text) return link(inPlace, target)
    await writeDurably(target, text)
  }

  private async keep(names: readonly string[]): Promise<void> {
    const next = path.join(this.directory, 'previous.next')
    await rm(next, {recursive: true, force: true})
    await mkdir(next, {mode: 0o700})
    await Promise.all(names.map((name) => link(path.join(this.directory, name), path.join(next, name))))
    await rm(this.previous, {recursive: true, force: true})
    await rename(next, this.previous)
  }

  /**
   * What the configuration may name is there before it names it; a map entry that names a backend comes after the
   * backend; and what nothing names any more goes last.
   */
  private async putInPlace(from: string, inPlace: readonly string[]): Promise<void> {
    const names = await namesIn(from)
    const others = names.filter((name) => name !== configFile)
    const ordered = [
      ...others.filter((name) => !inPlace.includes(name)),
      configFile,
      ...others.filter((name) => inPlace.includes(name)),
    ]
    for (const name of ordered) await rename(path.join(from, name), path.join(this.directory, name))
    const left = inPlace.filter((name) => !names.includes(name))
    await Promise.all(left.map((name) => rm(path.join(this.directory, name), {force: true})))
    await syncDirectory(this.directory)
  }

  private async guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task()
    } catch (error) {
      throw fileFault(error, this.directory)
    }
  }
}

/** Written and on the disk when this returns, for its owner alone. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(text, 'latin1')
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, {withFileTypes: true}).catch(() => [])
  return entries.flatMap((entry) => (entry.isFile() && ownFile.test(entry.name) ? [entry.name] : [])).sort()
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'latin1').catch(() => undefined)
}

function pairOf(name: string, text: string | undefined): [string, string][] {
  return text === undefined ? [] : [[name, text]]
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
