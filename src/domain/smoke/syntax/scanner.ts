import {type SmokePosition} from '../position.js'
import {expected} from '../syntax-fault.js'

/** Reads a text character by character and knows where it is. */
export class Scanner {
  private offset = 0
  private line = 1
  private column = 1

  constructor(private readonly text: string) {
    if (text.startsWith('\uFEFF')) this.offset = 1
  }

  get position(): SmokePosition {
    return {line: this.line, column: this.column}
  }

  get atEnd(): boolean {
    return this.offset >= this.text.length
  }

  /** The next character, or an empty string at the end. */
  peek(): string {
    const code = this.text.codePointAt(this.offset)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  next(): string {
    const character = this.peek()
    this.offset += character.length
    if (character === '\n') {
      this.line += 1
      this.column = 1
    } else if (character !== '') {
      this.column += 1
    }
    return character
  }

  startsWith(literal: string): boolean {
    return this.text.startsWith(literal, this.offset)
  }

  /** What a sticky expression matches from here on, without moving. */
  lookahead(pattern: RegExp): string | undefined {
    const sticky = stickyPattern(pattern)
    sticky.lastIndex = this.offset
    return sticky.exec(this.text)?.[0]
  }

  take(literal: string): boolean {
    if (!this.startsWith(literal)) return false
    this.skip(literal)
    return true
  }

  takePattern(pattern: RegExp): string | undefined {
    const match = this.lookahead(pattern)
    if (match !== undefined) this.skip(match)
    return match
  }

  require(literal: string): void {
    if (!this.take(literal)) throw expected(this.position, literal, this.describeNext())
  }

  skipSpaces(): number {
    return this.takePattern(/[ \t]*/)?.length ?? 0
  }

  requireSpace(): void {
    if (this.skipSpaces() === 0) throw expected(this.position, 'a space', this.describeNext())
  }

  /** Blank lines, comments and the spaces before the next thing. */
  skipBlank(): void {
    this.takePattern(/(?:[ \t\r\n]|#[^\n]*)*/)
  }

  /** Trailing spaces, a comment and the line break. */
  requireLineEnd(): void {
    this.takePattern(/[ \t]*(?:#[^\n]*)?/)
    if (this.atEnd || this.take('\r\n') || this.take('\n')) return
    throw expected(this.position, 'the end of the line', this.describeNext())
  }

  /** A line break that ends a line which holds no comment. */
  requireNewline(): void {
    this.skipSpaces()
    if (!this.take('\r\n') && !this.take('\n'))
      throw expected(this.position, 'a line break', this.describeNext())
  }

  mark(): () => void {
    const {offset, line, column} = this
    return () => {
      this.offset = offset
      this.line = line
      this.column = column
    }
  }

  describeNext(): string {
    if (this.atEnd) return 'the end of the file'
    const character = this.peek()
    if (character === '\n' || character === '\r') return 'the end of the line'
    const word = this.lookahead(/[A-Za-z0-9_.-]{1,40}/) ?? character
    return JSON.stringify(word)
  }

  private skip(text: string): void {
    for (const character of text) {
      this.offset += character.length
      if (character === '\n') {
        this.line += 1
        this.column = 1
      } else {
        this.column += 1
      }
    }
  }
}

const stickyPatterns = new Map<string, RegExp>()

function stickyPattern(pattern: RegExp): RegExp {
  const key = `${pattern.flags}/${pattern.source}`
  const known = stickyPatterns.get(key)
  if (known !== undefined) return known
  const made = new RegExp(pattern.source, `${pattern.flags}y`)
  stickyPatterns.set(key, made)
  return made
}
