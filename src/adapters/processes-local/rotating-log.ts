import {closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, writeSync} from 'node:fs'
import path from 'node:path'

import {linePrefix, type LogStream} from '../../domain/logs/line-format.js'
import {currentPartName, rotatedPartName, rotatedPartNumber} from '../../domain/logs/parts.js'

const lineFeed = Buffer.from('\n')

/**
 * Writes time-stamped lines and starts a new part when the current one is full. Writing blocks on purpose: while
 * the disk is slow nothing more is read from the process, so its output never piles up in memory.
 */
export class RotatingLog {
  private descriptor: number | undefined
  private bytes = 0
  private droppedLines = 0
  private endsInsideLine = false

  constructor(
    private readonly directory: string,
    private readonly limits: {partBytes: number; keptParts: number},
    private readonly now: () => number = Date.now,
  ) {}

  /** Lines without line ends. What can't be written is dropped and counted; the count is noted when there is space again. */
  write(stream: LogStream, lines: readonly Buffer[]): void {
    if (lines.length === 0) return
    const head = this.head()
    const prefix = Buffer.from(linePrefix(this.now(), stream))
    const pieces = [head]
    const ends: number[] = []
    let length = head.length
    for (const line of lines) {
      pieces.push(prefix, line, lineFeed)
      length += prefix.length + line.length + 1
      ends.push(length)
    }
    const written = this.append(Buffer.concat(pieces, length))
    if (written >= head.length) this.droppedLines = 0
    this.droppedLines += ends.filter((end) => end > written).length
    if (written > 0) this.endsInsideLine = written !== head.length && !ends.includes(written)
  }

  /** Ends a line that was cut in two, and says what is missing. */
  private head(): Buffer {
    const end = this.endsInsideLine ? '\n' : ''
    if (this.droppedLines === 0) return Buffer.from(end)
    const note = `${this.droppedLines} lines were dropped: the log could not be written`
    return Buffer.from(`${end}${linePrefix(this.now(), 'yard')}${note}\n`)
  }

  /** A note of the keeper itself. */
  note(text: string): void {
    this.write('yard', [Buffer.from(text)])
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor)
    this.descriptor = undefined
  }

  /** How many bytes were written. */
  private append(bytes: Buffer): number {
    let written = 0
    try {
      const descriptor = this.open()
      while (written < bytes.length) written += writeSync(descriptor, bytes, written)
    } catch {
      // The disk is full or the directory was removed: the service goes on, and the caller counts what is missing.
    }
    this.bytes += written
    if (this.bytes >= this.limits.partBytes) this.rotate()
    return written
  }

  private open(): number {
    if (this.descriptor === undefined) {
      this.descriptor = openSync(path.join(this.directory, currentPartName), 'a', 0o600)
      this.bytes = fstatSync(this.descriptor).size
    }
    return this.descriptor
  }

  private rotate(): void {
    try {
      const numbers = this.rotatedNumbers()
      const next = (numbers.at(-1) ?? 0) + 1
      renameSync(path.join(this.directory, currentPartName), path.join(this.directory, rotatedPartName(next)))
      this.close()
      for (const number of [...numbers, next].slice(0, -this.limits.keptParts)) {
        rmSync(path.join(this.directory, rotatedPartName(number)), {force: true})
      }
    } catch {
      // Tried again with the next lines.
    }
  }

  /** Ascending. */
  private rotatedNumbers(): number[] {
    return readdirSync(this.directory)
      .flatMap((name) => rotatedPartNumber(name) ?? [])
      .sort((one, other) => one - other)
  }
}
