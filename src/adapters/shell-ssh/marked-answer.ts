const maxOutputBytes = 64 * 1024 * 1024

/** What a command writes that runs in a shell with others: up to a line of that shell, the mark and how it ended. */
export class MarkedAnswer {
  readonly output: MarkedStream
  readonly errors: MarkedStream
  /** The exit code, once both streams have come to their end. */
  readonly code: Promise<number | 'too-long'>

  constructor(mark: string) {
    this.output = new MarkedStream(mark)
    this.errors = new MarkedStream(mark)
    const whole = Promise.all([this.output.code, this.errors.code]).then(([code]) => code)
    this.code = Promise.race([whole, this.output.tooLong, this.errors.tooLong])
  }
}

/** Chunks up to the mark. */
class MarkedStream {
  readonly code: Promise<number>
  readonly tooLong: Promise<'too-long'>
  private readonly ending: string
  private readonly chunks: Buffer[] = []
  /** The last of what came before, in which the mark may begin. */
  private tail: Buffer = Buffer.alloc(0)
  private length = 0
  private tellCode: (code: number) => void = () => undefined
  private tellTooLong: (outcome: 'too-long') => void = () => undefined

  constructor(mark: string) {
    this.ending = `\n${mark} `
    this.code = new Promise((resolve) => (this.tellCode = resolve))
    this.tooLong = new Promise((resolve) => (this.tellTooLong = resolve))
  }

  add(chunk: Buffer): void {
    this.length += chunk.length
    if (this.length > maxOutputBytes) {
      this.tellTooLong('too-long')
      return
    }
    this.chunks.push(chunk)
    const recent = Buffer.concat([this.tail, chunk])
    const at = recent.indexOf(this.ending)
    const [, code] =
      at === -1 ? [] : (/^(\d{1,3})\n/.exec(recent.toString('latin1', at + this.ending.length)) ?? [])
    if (code !== undefined) this.tellCode(Number(code))
    // Enough for the mark, the code and the line break.
    this.tail = Buffer.from(recent.subarray(-(this.ending.length + 8)))
  }

  /** Without the mark. */
  text(): string {
    const all = Buffer.concat(this.chunks)
    const at = all.indexOf(this.ending)
    return all.toString('utf8', 0, at === -1 ? all.length : at)
  }
}
