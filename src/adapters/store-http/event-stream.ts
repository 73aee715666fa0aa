/** One event of a `text/event-stream`. */
export interface ServerEvent {
  name: string
  data: string
}

/** A batch is one line; a transaction writes at most 128 records. */
const longestEventCharacters = 128 * 1_048_576

/**
 * Cuts a stream of server-sent events into events. Comments, such as pings, and events without data are left out.
 * An event that was cut off by the end of the stream never appears.
 */
export class EventStreamParser {
  private readonly decoder = new TextDecoder('utf-8', {ignoreBOM: false})
  private readonly pieces: string[] = []
  private unfinishedCharacters = 0
  private name = ''
  private data: string[] = []
  private endedWithReturn = false

  /** The events that this chunk completes. @throws Error when one is larger than any that yard sends. */
  push(chunk: Uint8Array): ServerEvent[] {
    let text = this.decoder.decode(chunk, {stream: true})
    // A line may end with \r\n, and the two may come in different chunks.
    if (text === '') return []
    if (this.endedWithReturn && text.startsWith('\n')) text = text.slice(1)
    this.endedWithReturn = text.endsWith('\r')
    const events: ServerEvent[] = []
    const lines = text.split(/\r\n|\n|\r/)
    const rest = lines.pop() ?? ''
    for (const line of lines) {
      const whole = this.pieces.length === 0 ? line : this.pieces.splice(0).join('') + line
      this.unfinishedCharacters += line.length
      const event = this.readLine(whole)
      if (event !== undefined) events.push(event)
    }
    if (rest !== '') this.pieces.push(rest)
    this.unfinishedCharacters += rest.length
    if (this.unfinishedCharacters > longestEventCharacters) throw new Error('an event without an end')
    return events
  }

  private readLine(line: string): ServerEvent | undefined {
    if (line === '') return this.finish()
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.name = value
    else if (field === 'data') this.data.push(value)
    return undefined
  }

  private finish(): ServerEvent | undefined {
    const event = {name: this.name === '' ? 'message' : this.name, data: this.data.join('\n')}
    const isEmpty = this.data.length === 0
    this.name = ''
    this.data = []
    this.unfinishedCharacters = 0
    return isEmpty ? undefined : event
  }
}
