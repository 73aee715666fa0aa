import {randomBytes} from 'node:crypto'
import {Readable} from 'node:stream'
import {promisify} from 'node:util'
import {createGzip, gzip} from 'node:zlib'

import {type PlaceRequest} from '../../contracts/instance-host.js'
import {type ContentFile, objectsOf} from '../../domain/release-manifest.js'
import {releaseStream, type StreamedRelease} from './release-stream.js'

export interface Packing {
  /** What the directory is called over there in which the release is made. */
  work: string
  /** Compressed. */
  input: Uint8Array | AsyncIterable<Uint8Array>
  /** How much of it was sent so far. */
  bytesSent(): number
}

export interface PackRequest
  extends Omit<StreamedRelease, 'directory' | 'work'>, Pick<PlaceRequest, 'contents'> {}

/** More than this isn't held in memory: each host gets it packed anew. */
const largestKeptBytes = 64 * 1024 ** 2
const mostKept = 4
/** Fast: what is saved by packing tighter is lost again on any line but the slowest. */
const gzipLevel = 1
const largeChunkBytes = 262_144

/** Packs what hosts lack. Most hosts of a fleet lack the same, which is packed once. */
export class ReleasePackings {
  private readonly kept = new Map<string, {work: string; bytes: Promise<Buffer>}>()

  async pack(request: PackRequest): Promise<Packing> {
    const {missing, release} = request
    const size = missingFiles(request).reduce((sum, {bytes}) => sum + bytes, 0)
    if (size > largestKeptBytes || release.files.length > 100_000)
      return streamed({...request, directory: await directoryFor(request)})
    const key = JSON.stringify([
      release.service,
      release.release,
      release.artifact,
      release.configDigest,
      missing,
    ])
    const kept = this.kept.get(key) ?? this.packOnce(key, request)
    const bytes = await kept.bytes
    return {work: kept.work, input: bytes, bytesSent: () => bytes.length}
  }

  private packOnce(key: string, request: PackRequest): {work: string; bytes: Promise<Buffer>} {
    const work = workName(request)
    const bytes = directoryFor(request).then((directory) => packedWhole({...request, directory, work}))
    const packed = {work, bytes}
    this.kept.set(key, packed)
    bytes.catch(() => this.kept.delete(key))
    const oldest = this.kept.keys().next().value
    if (this.kept.size > mostKept && oldest !== undefined) this.kept.delete(oldest)
    return packed
  }
}

function missingFiles({missing, release}: PackRequest): ContentFile[] {
  const objects = objectsOf(release.files)
  return missing.flatMap((name) => objects.get(name) ?? [])
}

/** Of a release that only has links to what is there, nothing is read here. */
async function directoryFor(request: PackRequest): Promise<string> {
  const files = missingFiles(request)
  return files.length === 0 ? '' : request.contents(files)
}

function streamed(request: Omit<StreamedRelease, 'work'>): Packing {
  const work = workName(request)
  let sent = 0
  const input = async function* () {
    for await (const chunk of compressed({...request, work})) {
      sent += chunk.length
      yield chunk
    }
  }
  return {work, input: input(), bytesSent: () => sent}
}

async function* compressed(request: StreamedRelease): AsyncGenerator<Uint8Array> {
  const source = Readable.from(inLargeChunks(releaseStream(request)), {objectMode: false})
  const packer = createGzip({level: gzipLevel, chunkSize: largeChunkBytes})
  // A fault of the source is the fault of all.
  source.on('error', (error) => packer.destroy(error))
  packer.on('close', () => source.destroy())
  for await (const chunk of source.pipe(packer)) yield chunk as Buffer
}

/** Every chunk is a trip to another thread, and most are a header. */
async function* inLargeChunks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    waiting.push(chunk)
    bytes += chunk.length
    if (bytes < largeChunkBytes) continue
    yield Buffer.concat(waiting)
    waiting = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(waiting)
}

async function packedWhole(request: StreamedRelease): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of releaseStream(request)) all.push(chunk)
  return promisify(gzip)(Buffer.concat(all), {level: gzipLevel})
}

/** Begins like all that the next survey removes. */
function workName({release}: Pick<StreamedRelease, 'release'>): string {
  return `.r${release.release}.${randomBytes(6).toString('hex')}`
}
