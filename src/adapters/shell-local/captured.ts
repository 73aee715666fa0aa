/** The output of a program, kept whole in memory up to a limit. */
export class Captured {
  private chunks: Buffer[] = []
  private bytes = 0

  constructor(private readonly maxBytes: number) {}

  /** Consumes the stream to its end; what is beyond the limit is not kept. */
  async listen(stream: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const chunk of stream) {
        this.bytes += chunk.length
        if (this.bytes <= this.maxBytes) this.chunks.push(chunk)
        else this.chunks = []
      }
    } catch {
      // It was closed because a process that left the group held it open.
    }
  }

  /** Undefined when it was more than allowed, or is not UTF-8. */
  text(): string | undefined {
    if (this.bytes > this.maxBytes) return undefined
    try {
      return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(Buffer.concat(this.chunks))
    } catch {
      return undefined
    }
  }
}
