import {expected, unsupported} from '../syntax-fault.js'
import {type Scanner} from './scanner.js'
import {backtickTemplate, fencedTemplate, placeholder, quotedTemplate} from './templates.js'
import {type Literal, type Pattern, type Template} from './tree.js'

/** A value in a predicate or a variable definition. */
export function literal(scanner: Scanner): Literal {
  const position = scanner.position
  const word = scanner.lookahead(/(?:null|true|false)(?![A-Za-z0-9_-])/)
  if (word !== undefined) {
    scanner.require(word)
    return word === 'null' ? {kind: 'null', position} : {kind: 'boolean', position, value: word === 'true'}
  }
  const number = scanner.takePattern(/-?[0-9]+(?:\.[0-9]+)?/)
  if (number !== undefined) return {kind: 'number', position, digits: number, isFloat: number.includes('.')}
  const bytes = onelineBytes(scanner)
  if (bytes !== undefined) return {kind: 'bytes', position, bytes}
  const hole = placeholder(scanner)
  if (hole !== undefined) return {kind: 'placeholder', position, placeholder: hole}
  const template = textTemplate(scanner)
  if (template !== undefined) return {kind: 'text', position, template}
  throw expected(
    position,
    'a value: text in quotes, a number, true, false, null or {{variable}}',
    scanner.describeNext(),
  )
}

/** Text in quotes, in backticks or between fences; undefined when there is none here. */
export function textTemplate(scanner: Scanner): Template | undefined {
  if (scanner.startsWith('"')) return quotedTemplate(scanner)
  if (scanner.startsWith('```')) return fenced(scanner).template
  if (scanner.startsWith('`')) return backtickTemplate(scanner)
  return undefined
}

/** A fenced text and the language named on its first line. */
export function fenced(scanner: Scanner): {template: Template; language?: 'json'} {
  const position = scanner.position
  scanner.require('```')
  const head = scanner.lookahead(/[A-Za-z0-9,-]*[ \t]*\r?\n/)
  if (head === undefined) return {template: onelineFence(scanner)}
  const language = scanner.takePattern(/[A-Za-z0-9,-]*/) ?? ''
  scanner.requireNewline()
  if (['xml', 'graphql'].includes(language)) throw unsupported(position, `the body language ${language}`)
  if (language !== '' && language !== 'json' && language !== 'raw')
    throw expected(position, '```, ```json or a text on the same line', JSON.stringify(`\`\`\`${language}`))
  const template = fencedTemplate(scanner)
  return language === 'json' ? {template, language} : {template}
}

/** `"pattern"` or `/pattern/` */
export function pattern(scanner: Scanner): Pattern {
  if (scanner.startsWith('"')) return {kind: 'template', template: quotedTemplate(scanner)}
  if (scanner.startsWith('`')) return {kind: 'template', template: backtickTemplate(scanner)}
  const position = scanner.position
  if (!scanner.take('/'))
    throw expected(position, '" or / to start a regular expression', scanner.describeNext())
  let source = ''
  while (!scanner.startsWith('/')) {
    if (scanner.atEnd || scanner.startsWith('\n'))
      throw expected(scanner.position, '/ to end the regular expression', scanner.describeNext())
    const character = scanner.next()
    if (character === '\\' && scanner.startsWith('/')) source += scanner.next()
    else if (character === '\\') source += character + scanner.next()
    else source += character
  }
  scanner.require('/')
  return {kind: 'literal', position, source}
}

/** `hex,…;` and `base64,…;`; undefined when there is neither here. */
export function onelineBytes(scanner: Scanner): Uint8Array | undefined {
  const position = scanner.position
  if (scanner.startsWith('file,')) throw unsupported(position, 'the content of a file (file,…;)')
  if (scanner.take('hex,')) {
    const digits = (scanner.takePattern(/[0-9A-Fa-f \t\r\n]*/) ?? '').replace(/\s/g, '')
    scanner.require(';')
    if (digits.length % 2 === 1) throw expected(position, 'an even number of hexadecimal digits')
    return Uint8Array.from(Buffer.from(digits, 'hex'))
  }
  if (scanner.take('base64,')) {
    const text = (scanner.takePattern(/[A-Za-z0-9+/= \t\r\n]*/) ?? '').replace(/\s/g, '')
    scanner.require(';')
    return Uint8Array.from(Buffer.from(text, 'base64'))
  }
  return undefined
}

/** Milliseconds of `100`, `100ms`, `2s`, `1m` or `1h`. */
export function durationMillis(scanner: Scanner): number {
  const position = scanner.position
  const digits = scanner.takePattern(/[0-9]{1,9}/)
  if (digits === undefined) throw expected(position, 'a duration such as 500ms or 2s', scanner.describeNext())
  const unit = scanner.takePattern(/[A-Za-z]+/) ?? 'ms'
  const factor = new Map([
    ['ms', 1],
    ['s', 1_000],
    ['m', 60_000],
    ['h', 3_600_000],
  ]).get(unit)
  if (factor === undefined) throw expected(position, 'a duration in ms, s, m or h', JSON.stringify(unit))
  return Number(digits) * factor
}

function onelineFence(scanner: Scanner): Template {
  if (scanner.lookahead(/[^\n]*?```/) === undefined)
    throw expected(
      scanner.position,
      '``` on the same line, or a line break after the first ```',
      scanner.describeNext(),
    )
  return fencedTemplate(scanner)
}
