import {readdirSync, readFileSync, statSync} from 'node:fs'
import path from 'node:path'

/** A text that must not be seen, in every spelling that it could be seen in. */
export class Canary {
  private readonly spellings: string[]
  private readonly seen = new Set<string>()
  private sampler: NodeJS.Timeout | undefined
  samples = 0

  /** `text` has letters, digits and dashes only, so that quoting of any kind leaves it as it is. */
  constructor(readonly text: string) {
    const hex = Buffer.from(text).toString('hex')
    this.spellings = [
      text,
      encodeURIComponent(text),
      hex,
      hex.toUpperCase(),
      ...[0, 1, 2].map((shift) => base64(text, shift)),
    ]
  }

  isIn(content: string | Buffer): boolean {
    return this.spellings.some((spelling) => content.includes(spelling))
  }

  /** The files below a directory that hold it. */
  filesWith(directory: string): string[] {
    return filesBelow(directory).filter((file) => this.isIn(readFileSync(file)))
  }

  /** Looks at the command lines of all processes every 5 ms; Linux only. */
  watchCommandLines(): void {
    this.sampler = setInterval(() => {
      this.samples++
      for (const pid of readdirSync('/proc')) {
        const line = /^\d+$/.test(pid) ? commandLine(pid) : ''
        if (this.isIn(line)) this.seen.add(line.replaceAll('\0', ' '))
      }
    }, 5)
  }

  /** The command lines that held it. */
  stopWatching(): string[] {
    clearInterval(this.sampler)
    return [...this.seen]
  }
}

/** Regular files below a directory, links not followed. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, {withFileTypes: true, recursive: true})
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}

/** Files and directories below one that others than their owner may use. */
export function openToOthers(directory: string): string[] {
  return readdirSync(directory, {withFileTypes: true, recursive: true})
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => (statSync(file).mode & 0o077) !== 0)
}

/** As it stands inside of a longer text that is encoded, without the ends that depend on what is around it. */
function base64(text: string, shift: number): string {
  const encoded = Buffer.from('\0'.repeat(shift) + text).toString('base64')
  return encoded.slice(shift === 0 ? 0 : shift + 1, -4)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
