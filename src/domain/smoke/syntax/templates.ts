import {expected, unsupported} from '../syntax-fault.js'
import {type Scanner} from './scanner.js'
import {type Placeholder, type Template} from './tree.js'

const functions = new Set(['newDate', 'newUuid'])

const commonEscapes: Record<string, string> = {
  '"': '"',
  '#': '#',
  '/': '/',
  '\\': '\\',
  '`': '`',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const keyEscapes: Record<string, string> = {...commonEscapes, ':': ':'}

/** The rest of a line: an address, the value of a header. Ends before a comment; spaces at its end are no part of it. */
export function unquotedTemplate(scanner: Scanner): Template {
  const builder = new TemplateBuilder(scanner)
  for (;;) {
    if (builder.takePlaceholder()) continue
    const end = scanner.lookahead(/[ \t\r]*(?:#|\n|$)/)
    if (end !== undefined || scanner.atEnd) return builder.finish()
    builder.add(scanner.startsWith('\\') ? escapedCharacter(scanner, commonEscapes) : scanner.next())
  }
}

/** The name of a header, a parameter or a capture; undefined when there is none here. */
export function keyTemplate(scanner: Scanner): Template | undefined {
  if (scanner.startsWith('[')) return undefined
  const builder = new TemplateBuilder(scanner)
  for (;;) {
    if (builder.takePlaceholder()) continue
    if (scanner.startsWith('\\')) {
      builder.add(escapedCharacter(scanner, keyEscapes))
      continue
    }
    const text = scanner.lookahead(/[\p{L}\p{N}_.[\]@$-]/u)
    if (text === undefined) break
    builder.add(scanner.next())
  }
  const template = builder.finish()
  return template.parts.length === 0 ? undefined : template
}

/** `"text"` */
export function quotedTemplate(scanner: Scanner): Template {
  return delimitedTemplate(scanner, '"')
}

/** `` `text` `` */
export function backtickTemplate(scanner: Scanner): Template {
  return delimitedTemplate(scanner, '`')
}

/** Text up to three backticks, without escapes; the opening fence is read already. */
export function fencedTemplate(scanner: Scanner): Template {
  const builder = new TemplateBuilder(scanner)
  while (!scanner.startsWith('```')) {
    if (scanner.atEnd) throw expected(scanner.position, '``` to close the text', 'the end of the file')
    if (!builder.takePlaceholder()) builder.add(scanner.next())
  }
  scanner.require('```')
  return builder.finish()
}

/** `{{name}}`, or undefined when there is none here. */
export function placeholder(scanner: Scanner): Placeholder | undefined {
  if (!scanner.take('{{')) return undefined
  scanner.skipSpaces()
  const position = scanner.position
  const name = scanner.takePattern(/[A-Za-z][A-Za-z0-9_-]*/)
  if (name === undefined) throw expected(position, 'the name of a variable', scanner.describeNext())
  scanner.skipSpaces()
  if (!scanner.startsWith('}}') && scanner.lookahead(/[a-z]/) !== undefined)
    throw unsupported(scanner.position, 'a filter inside {{ }}')
  scanner.require('}}')
  return {position, name, isFunction: functions.has(name)}
}

function delimitedTemplate(scanner: Scanner, delimiter: '"' | '`'): Template {
  const start = scanner.position
  scanner.require(delimiter)
  const builder = new TemplateBuilder(scanner)
  while (!scanner.startsWith(delimiter)) {
    if (scanner.atEnd || scanner.startsWith('\n') || scanner.startsWith('\r'))
      throw expected(scanner.position, `${delimiter} to close the text`, scanner.describeNext())
    if (builder.takePlaceholder()) continue
    builder.add(scanner.startsWith('\\') ? escapedCharacter(scanner, commonEscapes) : scanner.next())
  }
  scanner.require(delimiter)
  return {...builder.finish(), position: start}
}

function escapedCharacter(scanner: Scanner, escapes: Record<string, string>): string {
  const position = scanner.position
  scanner.require('\\')
  if (scanner.take('u')) return unicodeCharacter(scanner)
  const character = scanner.peek()
  const value = Object.hasOwn(escapes, character) ? escapes[character] : undefined
  if (value === undefined) {
    throw expected(position, 'an escape such as \\n, \\\\ or \\u{20}', JSON.stringify(`\\${character}`))
  }
  scanner.next()
  return value
}

function unicodeCharacter(scanner: Scanner): string {
  scanner.require('{')
  const position = scanner.position
  const code = Number.parseInt(scanner.takePattern(/[0-9A-Fa-f]{1,6}/) ?? '', 16)
  const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  if (!isCharacter) throw expected(position, 'the hexadecimal number of a character')
  scanner.require('}')
  return String.fromCodePoint(code)
}

class TemplateBuilder {
  private readonly parts: (string | Placeholder)[] = []
  private text = ''
  private readonly position

  constructor(private readonly scanner: Scanner) {
    this.position = scanner.position
  }

  add(text: string): void {
    this.text += text
  }

  takePlaceholder(): boolean {
    const found = placeholder(this.scanner)
    if (found === undefined) return false
    this.flush()
    this.parts.push(found)
    return true
  }

  finish(): Template {
    this.flush()
    return {position: this.position, parts: this.parts}
  }

  private flush(): void {
    if (this.text !== '') this.parts.push(this.text)
    this.text = ''
  }
}
