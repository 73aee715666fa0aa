import {longestLineBytes} from './line-format.js'

const lineFeed = 0x0a
const nothing: Buffer = Buffer.alloc(0)

/**
 * Turns chunks of output into lines, whatever the chunks cut apart. Works on bytes, so that a character cut in two
 * is whole again; holds at most one line of `longestBytes`, and says how much of a longer one it left out.
 */
export class LineSplitter {
  private pending: Buffer[] = []
  private pendingBytes = 0
  private cutBytes = 0

  constructor(private readonly longestBytes: number = longestLineBytes) {}

  /** The lines completed by this chunk, without their line ends. */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.keep(chunk.subarray(start, end))
      lines.push(this.take())
      start = end + 1
    }
    this.keep(chunk.subarray(start))
    return lines
  }

  /** The last line when it had no line end. */
  flush(): Buffer[] {
    return this.pendingBytes + this.cutBytes > 0 ? [this.take()] : []
  }

  private keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, this.longestBytes - this.pendingBytes)
    this.cutBytes += bytes.length - kept.length
    if (kept.length === 0) return
    // A copy: a short rest must not hold on to the whole chunk it came in.
    this.pending.push(Buffer.from(kept))
    this.pendingBytes += kept.length
  }

  private take(): Buffer {
    const [only = nothing] = this.pending
    const whole = this.pending.length > 1 ? Buffer.concat(this.pending) : only
    const line = this.cutBytes > 0 ? cut(whole, this.cutBytes) : withoutCarriageReturn(whole)
    this.pending = []
    this.pendingBytes = 0
    this.cutBytes = 0
    return line
  }
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line
}

/** Cuts between characters and says how much is missing. */
function cut(line: Buffer, cutBytes: number): Buffer {
  let end = line.length
  for (let back = 1; back <= 3 && back <= line.length; back++) {
    const byte = line[line.length - back] ?? 0
    if (byte < 0x80) break
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      if (back < needed) end = line.length - back
      break
    }
  }
  const missing = cutBytes + line.length - end
  return Buffer.concat([line.subarray(0, end), Buffer.from(` [${missing} more bytes cut]`)])
}
