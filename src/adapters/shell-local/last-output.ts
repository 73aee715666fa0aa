import {LineSplitter} from '../../domain/logs/line-splitter.js'

const mostCharacters = 64 * 1024

/** Hears the output of a program line by line and keeps the end of it. */
export class LastOutput {
  private lines: string[] = []
  private characters = 0

  constructor(private readonly onLine: ((line: string) => void) | undefined) {}

  /** Consumes the stream as fast as `onLine` returns, so a flood waits in the pipe and not in memory. */
  async listen(stream: AsyncIterable<Buffer>): Promise<void> {
    const splitter = new LineSplitter()
    try {
      for await (const chunk of stream) this.add(splitter.push(chunk))
    } catch {
      // It was closed because a process that left the group held it open.
    }
    this.add(splitter.flush())
  }

  get lastLines(): string[] {
    return [...this.lines]
  }

  private add(lines: readonly Buffer[]): void {
    for (const each of lines) {
      const line = each.toString('utf8')
      this.lines.push(line)
      this.characters += line.length + 1
      this.onLine?.(line)
    }
    this.forgetOldest()
  }

  private forgetOldest(): void {
    let dropped = 0
    while (this.characters > mostCharacters && dropped < this.lines.length - 1) {
      this.characters -= (this.lines[dropped]?.length ?? 0) + 1
      dropped++
    }
    if (dropped > 0) this.lines = this.lines.slice(dropped)
    if (this.characters <= mostCharacters) return
    this.lines = this.lines.map((line) => line.slice(-mostCharacters + 1))
    this.characters = this.lines.reduce((sum, line) => sum + line.length + 1, 0)
  }
}
