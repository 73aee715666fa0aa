import {expected} from '../syntax-fault.js'
import {type Scanner} from './scanner.js'
import {placeholder} from './templates.js'
import {type JsonPart} from './tree.js'

const deepest = 100

/** A JSON value as it is spelled in the file, with variables inside strings or in the place of values. */
export function jsonBody(scanner: Scanner): (string | JsonPart)[] {
  const reader = new JsonReader(scanner)
  reader.value(0)
  return reader.finish()
}

class JsonReader {
  private readonly parts: (string | JsonPart)[] = []
  private text = ''

  constructor(private readonly scanner: Scanner) {}

  finish(): (string | JsonPart)[] {
    this.flush()
    return this.parts
  }

  value(depth: number): void {
    const {scanner} = this
    if (depth > deepest) throw expected(scanner.position, `at most ${deepest} levels of JSON`)
    if (this.takePlaceholder(false)) return
    if (scanner.startsWith('{')) this.container('{', '}', () => this.member(depth))
    else if (scanner.startsWith('[')) this.container('[', ']', () => this.value(depth + 1))
    else if (scanner.startsWith('"')) this.string()
    else this.scalar()
  }

  private container(open: string, close: string, item: () => void): void {
    this.copy(open)
    this.space()
    if (this.scanner.startsWith(close)) {
      this.copy(close)
      return
    }
    for (;;) {
      item()
      this.space()
      if (!this.scanner.startsWith(',')) break
      this.copy(',')
      this.space()
    }
    if (!this.scanner.startsWith(close))
      throw expected(this.scanner.position, `, or ${close} in the JSON`, this.scanner.describeNext())
    this.copy(close)
  }

  private member(depth: number): void {
    if (!this.scanner.startsWith('"'))
      throw expected(this.scanner.position, '" to start a key of the JSON', this.scanner.describeNext())
    this.string()
    this.space()
    this.copy(':')
    this.space()
    this.value(depth + 1)
  }

  private string(): void {
    this.copy('"')
    while (!this.scanner.startsWith('"')) {
      if (this.takePlaceholder(true)) continue
      const piece = this.scanner.takePattern(/\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})|[^"\\\u0000-\u001f]/u)
      if (piece === undefined)
        throw expected(
          this.scanner.position,
          'a character of a JSON string or "',
          this.scanner.describeNext(),
        )
      this.text += piece
    }
    this.copy('"')
  }

  private scalar(): void {
    const {scanner} = this
    const token = scanner.takePattern(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/)
    if (token === undefined) throw expected(scanner.position, 'a JSON value', scanner.describeNext())
    this.text += token
  }

  private takePlaceholder(insideString: boolean): boolean {
    const found = placeholder(this.scanner)
    if (found === undefined) return false
    this.flush()
    this.parts.push({placeholder: found, insideString})
    return true
  }

  private space(): void {
    this.text += this.scanner.takePattern(/[ \t\r\n]*/) ?? ''
  }

  private copy(literal: string): void {
    this.scanner.require(literal)
    this.text += literal
  }

  private flush(): void {
    if (this.text !== '') this.parts.push(this.text)
    this.text = ''
  }
}
