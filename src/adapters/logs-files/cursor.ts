import {existsSync} from 'node:fs'

import {type LogLine} from '../../contracts/log-reader.js'
import {parseLogLine} from '../../domain/logs/line-format.js'
import {LineSplitter} from '../../domain/logs/line-splitter.js'
import {type LogSource} from '../../domain/logs/source.js'
import {Part, partStatus, rotatedParts} from './parts.js'

const blockBytes = 256 * 1024
/** Longer than any line the keeper writes, with its prefix and its mark of a cut. */
const longestBytes = 80 * 1024

export interface OrderedLine {
  line: LogLine
  /** Its time, but never before that of the line above it: a clock that was set back must not mix up one log. */
  order: number
  /** In which round it was read. */
  round: number
}

/** Reads one log forward, through its rotations. */
export class Cursor {
  /** Lines read and not yet taken. */
  readonly queue: OrderedLine[] = []
  /** Everything written so far was read. */
  isDrained = false
  private part: Part | undefined
  private offset = 0
  private order = 0
  private splitter = new LineSplitter(longestBytes)

  constructor(
    private readonly source: LogSource,
    private readonly directory: string,
    private readonly since: number,
  ) {}

  /** Goes on where a tail ended. */
  continueAt(part: Part | undefined, offset: number): void {
    this.part = part
    this.offset = offset
  }

  /** Reads until another line is there or nothing more is. */
  fill(round: number, accepts: (line: LogLine) => boolean): void {
    const before = this.queue.length
    this.isDrained = false
    while (this.queue.length === before && !this.isDrained) {
      const block = this.part?.read(this.offset, blockBytes)
      if (block === undefined || block.length === 0) this.isDrained = !this.moveOn()
      else this.take(block, round, accepts)
    }
  }

  /** Its process directory was removed and all of it was read. */
  get isGone(): boolean {
    return this.isDrained && !existsSync(this.directory)
  }

  close(): void {
    this.part?.close()
    this.part = undefined
  }

  private take(block: Buffer, round: number, accepts: (line: LogLine) => boolean): void {
    this.offset += block.length
    for (const bytes of this.splitter.push(block)) {
      const written = parseLogLine(bytes.toString('utf8'))
      if (written === undefined || written.at < this.since) continue
      const line = {...written, source: this.source.id, labels: this.source.labels}
      this.order = Math.max(this.order, written.at)
      if (accepts(line)) this.queue.push({line, order: this.order, round})
    }
  }

  /** Called at the end of a part. Opens the next one, or returns false when this is the one being written. */
  private moveOn(): boolean {
    const status = partStatus(this.directory, undefined)
    if (this.part === undefined) return this.openNext(this.firstNumber())
    if (status?.inode === this.part.inode) return false
    // It was rotated; what was written just before that is still to be read.
    if (this.part.read(this.offset, 1).length > 0) return true
    return this.openNext(this.nextNumber(this.part))
  }

  private openNext(number: number | undefined): boolean {
    const next = Part.open(this.directory, number)
    if (next === undefined) return false
    this.part?.close()
    this.part = next
    this.offset = 0
    this.splitter = new LineSplitter(longestBytes)
    return true
  }

  /** The oldest part that can hold a line that young. */
  private firstNumber(): number | undefined {
    return rotatedParts(this.directory).find(
      (number) => (partStatus(this.directory, number)?.changedAt ?? 0) >= this.since,
    )
  }

  /** Of the part after this one; of the oldest one when this one was removed. Undefined: the current part. */
  private nextNumber(part: Part): number | undefined {
    const numbers = rotatedParts(this.directory)
    const own = numbers.findIndex((number) => partStatus(this.directory, number)?.inode === part.inode)
    return numbers[own + 1]
  }
}
