import path from 'node:path'

import {type Files} from '../../src/contracts/files.js'

/** Files in memory. A glob finds whatever ends as it does, which is enough for tests of who asks for what. */
export class MemoryFiles implements Files {
  readonly contents: Map<string, string>

  constructor(contents: Record<string, string> = {}) {
    this.contents = new Map(Object.entries(contents))
  }

  async readText(file: string): Promise<string | undefined> {
    return this.contents.get(file)
  }

  async writeText(file: string, text: string): Promise<void> {
    this.contents.set(file, text)
  }

  async exists(file: string): Promise<boolean> {
    return this.contents.has(file) || [...this.contents.keys()].some((known) => known.startsWith(`${file}/`))
  }

  async find(directory: string, globs: readonly string[]): Promise<string[]> {
    const wanted = (file: string) =>
      globs.some((glob) =>
        glob.includes('*') ? file.endsWith(path.extname(glob)) : path.join(directory, glob) === file,
      )
    return [...this.contents.keys()].filter((file) => file.startsWith(`${directory}/`) && wanted(file)).sort()
  }

  async list(directory: string): Promise<string[] | undefined> {
    const below = [...this.contents.keys()].filter((file) => file.startsWith(`${directory}/`))
    if (below.length === 0) return undefined
    return [...new Set(below.map((file) => file.slice(directory.length + 1).split('/')[0] ?? ''))].sort()
  }
}
