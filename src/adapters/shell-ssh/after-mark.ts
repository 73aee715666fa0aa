const mostBefore = 64 * 1024

/** What a login shell prints before a program begins ends with a line that starts with the mark; this leaves it out. */
export class AfterMark {
  hasBegun = false
  /** What stands behind the mark in its line. */
  word = ''
  private held: Buffer = Buffer.alloc(0)

  constructor(private readonly mark: string) {}

  /** The part of a chunk that is the program's own. */
  pass(chunk: Buffer): Buffer {
    if (this.hasBegun) return chunk
    const all = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    const at = all.indexOf(this.mark)
    const end = at === -1 ? -1 : all.indexOf('\n', at)
    if (end === -1) {
      this.held = Buffer.from(all.subarray(-mostBefore))
      return Buffer.alloc(0)
    }
    this.hasBegun = true
    this.word = all
      .subarray(at + this.mark.length, end)
      .toString('latin1')
      .trim()
    this.held = Buffer.alloc(0)
    return all.subarray(end + 1)
  }

  /** When the mark never came, it is the login shell that says what is wrong. */
  get before(): string {
    return this.held.toString('utf8')
  }
}
