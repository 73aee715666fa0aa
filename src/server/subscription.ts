import {Readable} from 'node:stream'

/**
 * What one reader still has to get. Texts wait here while its connection is slow; when too much does, the connection is
 * cut, and the reader resumes by itself from what it has.
 */
export class Subscription {
  /** Ends after the last text; breaks off when the reader is too slow. */
  readonly stream: Readable
  private readonly waiting: string[] = []
  private waitingCharacters = 0
  private isEnded = false
  private wake: () => void = () => undefined
  private drained: () => void = () => undefined

  constructor(private readonly backlogCharacters: number) {
    this.stream = Readable.from(this.texts(), {objectMode: false})
    this.stream.on('close', () => this.stop())
  }

  /** Whether so much is waiting that the source had better wait, too. */
  get isBehind(): boolean {
    return !this.isEnded && this.waitingCharacters > this.backlogCharacters / 4
  }

  /** Whether nothing more reaches the reader. */
  get isOver(): boolean {
    return this.isEnded
  }

  push(text: string): void {
    if (this.isEnded) return
    this.waiting.push(text)
    this.waitingCharacters += text.length
    if (this.waitingCharacters > this.backlogCharacters) this.stream.destroy()
    this.wake()
  }

  /** A sign of life, where nothing else is on its way. */
  ping(): void {
    if (this.waitingCharacters === 0) this.push(': ping\n\n')
  }

  /** Sends a last text and ends. */
  end(text: string): void {
    this.push(text)
    this.stop()
  }

  /** Sends what is waiting, and ends. */
  stop(): void {
    this.isEnded = true
    this.wake()
    this.drained()
  }

  /** Resolves once it's no longer behind, or over. */
  whenDrained(): Promise<void> {
    if (!this.isBehind) return Promise.resolve()
    return new Promise((resolve) => {
      this.drained = resolve
    })
  }

  /** Goes on after each text only when the connection took it. */
  private async *texts(): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const text = this.waiting.splice(0).join('')
      if (text !== '') {
        yield text
        this.waitingCharacters -= text.length
        if (!this.isBehind) this.drained()
      } else if (this.isEnded) return
      else await this.somethingNew()
    }
  }

  private somethingNew(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }
}
