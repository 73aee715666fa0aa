import {createHash} from 'node:crypto'
import {open, rm} from 'node:fs/promises'
import path from 'node:path'

import {type ContentFile} from '../../domain/release-manifest.js'
import {YardError} from '../../errors.js'

/**
 * Writes contents that follow one another without a mark between them: their sizes are known. None that isn't what it should
 * be stays. @throws YardError E_ARTIFACT
 */
export async function takeContents(
  source: AsyncIterable<Buffer>,
  files: readonly ContentFile[],
  where: {directory: string; host: string},
): Promise<void> {
  const waiting = [...files]
  let current: Receiving | undefined
  try {
    for await (const chunk of chunksOf(source, () => differs(where.host, waiting[0]))) {
      let rest = chunk
      while (rest.length > 0) {
        const [file] = waiting
        if (file === undefined) throw differs(where.host, undefined)
        current ??= await Receiving.begin(where.directory, file)
        rest = await current.take(rest)
        if (!current.isFull) continue
        const isRight = await current.end()
        current = undefined
        if (!isRight) throw differs(where.host, file)
        waiting.shift()
      }
    }
  } finally {
    await current?.end()
  }
  if (waiting.length > 0) throw differs(where.host, waiting[0])
}

/** Nobody but this user has to read it here. */
export function fetchedMode({executable}: {executable: boolean}): number {
  return executable ? 0o700 : 0o600
}

/** What isn't packed as it should be is no content either. */
async function* chunksOf(source: AsyncIterable<Buffer>, fault: () => YardError): AsyncGenerator<Buffer> {
  try {
    yield* source
  } catch {
    throw fault()
  }
}

/** A content on its way into the file that gets it; what comes and isn't it doesn't stay. */
class Receiving {
  private readonly hash = createHash('sha256')
  private bytes = 0

  private constructor(
    private readonly file: ContentFile,
    private readonly place: string,
    private readonly handle: Awaited<ReturnType<typeof open>>,
  ) {}

  static async begin(directory: string, file: ContentFile): Promise<Receiving> {
    const place = path.join(directory, file.path)
    // What an earlier attempt left.
    await rm(place, {force: true})
    return new Receiving(file, place, await open(place, 'wx', fetchedMode(file)))
  }

  get isFull(): boolean {
    return this.bytes === this.file.bytes
  }

  /** Returns what belongs to the next one. */
  async take(chunk: Buffer): Promise<Buffer> {
    const own = chunk.subarray(0, this.file.bytes - this.bytes)
    this.hash.update(own)
    this.bytes += own.length
    await this.handle.writeFile(own)
    return chunk.subarray(own.length)
  }

  /** Whether it is what it should be. */
  async end(): Promise<boolean> {
    await this.handle.close()
    const isRight = this.isFull && this.hash.digest('hex') === this.file.digest
    if (!isRight) await rm(this.place, {force: true})
    return isRight
  }
}

function differs(host: string, file: ContentFile | undefined): YardError {
  const which =
    file === undefined ? 'it sends more than it was asked for' : `${file.path} is not what it should be`
  return new YardError('E_ARTIFACT', {
    what: `Can't use the files of ${host}`,
    why: `${which} there`,
    next: ['dmesg | tail   # there: is the disk failing', 'yard deploy   # sends them anew'],
    details: {host, ...(file !== undefined && {path: file.path})},
  })
}
