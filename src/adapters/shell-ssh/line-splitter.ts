import {StringDecoder} from 'node:string_decoder'

/** A longer line comes in pieces: nobody's memory is filled by a program that never ends its line. */
const longestLine = 1_048_576

/** Makes lines of bytes and tells them in order, the next one when the one before was taken. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8')
  private rest = ''

  constructor(private readonly tell: (line: string) => void | Promise<void>) {}

  /** Returns a promise when somebody is to be waited for. */
  add(chunk: Buffer): Promise<void> | undefined {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n')
    this.rest = lines.pop() ?? ''
    if (this.rest.length > longestLine) lines.push(this.rest.slice(0, longestLine))
    this.rest = this.rest.length > longestLine ? this.rest.slice(longestLine) : this.rest
    return this.tellAll(lines, 0)
  }

  /** What stands behind the last end of a line. */
  end(): Promise<void> | undefined {
    const last = this.rest + this.decoder.end()
    this.rest = ''
    return last === '' ? undefined : this.tellAll([last], 0)
  }

  private tellAll(lines: readonly string[], from: number): Promise<void> | undefined {
    for (let index = from; index < lines.length; index += 1) {
      const told = this.tell(lines[index] ?? '')
      if (told !== undefined) return told.then(() => this.tellAll(lines, index + 1))
    }
    return undefined
  }
}
