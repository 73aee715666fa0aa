/** Bytes of a program, as far as they are kept. */
export interface Capture {
  add(chunk: Buffer): void
  /** Some of what was to be kept is missing. */
  readonly isCut: boolean
  text(): string
}

/** The first so many bytes. */
export class FirstBytes implements Capture {
  isCut = false
  private readonly chunks: Buffer[] = []
  private length = 0

  constructor(private readonly most: number) {}

  add(chunk: Buffer): void {
    this.isCut ||= this.length + chunk.length > this.most
    if (this.isCut) return
    this.length += chunk.length
    this.chunks.push(chunk)
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8')
  }
}

/** The last so many bytes: for what nobody can wait for the end of. */
export class LastBytes implements Capture {
  readonly isCut = false
  private chunks: Buffer[] = []
  private length = 0

  constructor(private readonly most: number) {}

  add(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.length += chunk.length
    if (this.length <= 2 * this.most) return
    this.chunks = [this.tail()]
    this.length = this.most
  }

  text(): string {
    return this.tail().toString('utf8')
  }

  private tail(): Buffer {
    return Buffer.from(Buffer.concat(this.chunks).subarray(-this.most))
  }
}
