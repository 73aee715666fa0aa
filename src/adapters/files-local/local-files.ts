import {randomBytes} from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'

import {type Files} from '../../contracts/files.js'
import {YardError} from '../../errors.js'
import {compileGlob, globBase} from './globs.js'
import {isMissing, translated} from './failures.js'

/** The file system of this machine. */
export class LocalFiles implements Files {
  async readText(file: string, maxBytes: number): Promise<string | undefined> {
    try {
      const handle = await fs.open(file, 'r')
      try {
        return await readAtMost(handle, file, maxBytes)
      } finally {
        await handle.close()
      }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw translated(error, `Can't read ${file}`, file)
    }
  }

  async writeText(file: string, text: string, mode?: number): Promise<void> {
    try {
      // A link stays a link: what it points to is replaced.
      const target = await fs.realpath(file).catch(() => file)
      await fs.mkdir(path.dirname(target), {recursive: true})
      await replace(target, text, mode ?? (await modeOf(target)))
    } catch (error) {
      throw translated(error, `Can't write ${file}`, file)
    }
  }

  async exists(file: string): Promise<boolean> {
    try {
      await fs.access(file)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw translated(error, `Can't look at ${file}`, file)
    }
  }

  async find(directory: string, globs: readonly string[]): Promise<string[]> {
    const root = await fs.realpath(directory).catch(() => undefined)
    if (root === undefined) return []
    const found = new Set<string>()
    for (const glob of globs) {
      const matches = compileGlob(glob)
      const base = globBase(glob)
      for await (const file of filesBelow(root, base))
        if (matches(file)) found.add(path.join(directory, file))
    }
    return [...found].sort()
  }

  async list(directory: string): Promise<string[] | undefined> {
    try {
      return (await fs.readdir(directory)).sort()
    } catch (error) {
      if (isMissing(error)) return undefined
      throw translated(error, `Can't list ${directory}`, directory)
    }
  }
}

async function readAtMost(handle: fs.FileHandle, file: string, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for (;;) {
    const {bytesRead, buffer} = await handle.read({
      buffer: Buffer.alloc(Math.min(65_536, maxBytes + 1)),
      position: null,
    })
    if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8')
    bytes += bytesRead
    if (bytes > maxBytes) throw tooLarge(file, maxBytes)
    chunks.push(buffer.subarray(0, bytesRead))
  }
}

async function replace(target: string, text: string, mode: number): Promise<void> {
  const draft = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString('hex')}`)
  try {
    const handle = await fs.open(draft, 'wx', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await fs.rename(draft, target)
  } catch (error) {
    await fs.rm(draft, {force: true})
    throw error
  }
}

async function modeOf(file: string): Promise<number> {
  return fs.stat(file).then(
    (stats) => stats.mode & 0o777,
    () => 0o666,
  )
}

const neverEntered = new Set(['.git', 'node_modules'])

/** Files below `base`, as paths from `root` with forward slashes. Links are followed to files inside the root only. */
async function* filesBelow(root: string, base: string): AsyncGenerator<string> {
  const entries = await fs.readdir(path.join(root, base), {withFileTypes: true}).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw translated(error, `Can't list ${path.join(root, base)}`, path.join(root, base))
  })
  for (const entry of entries) {
    const relative = base === '' ? entry.name : `${base}/${entry.name}`
    if (entry.isDirectory() && !neverEntered.has(entry.name)) yield* filesBelow(root, relative)
    else if (entry.isFile()) yield relative
    else if (entry.isSymbolicLink() && (await isFileInside(root, relative))) yield relative
  }
}

async function isFileInside(root: string, relative: string): Promise<boolean> {
  const target = await fs.realpath(path.join(root, relative)).catch(() => undefined)
  if (target === undefined || !target.startsWith(root + path.sep)) return false
  return (await fs.stat(target)).isFile()
}

function tooLarge(file: string, maxBytes: number): YardError {
  return new YardError('E_FILE_TOO_LARGE', {
    what: `Can't use ${file}`,
    why: `it is larger than ${maxBytes} bytes`,
    next: [`ls -l ${file}`],
  })
}
