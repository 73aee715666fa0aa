import {type SmokePosition} from '../position.js'
import {expected, SyntaxFault, unsupported} from '../syntax-fault.js'
import {filters} from './filters.js'
import {entryOption} from './options.js'
import {predicate} from './predicates.js'
import {query} from './queries.js'
import {type Scanner} from './scanner.js'
import {keyTemplate, unquotedTemplate} from './templates.js'
import {type Assert, type Capture, type KeyValue, type RequestSyntax, type ResponseSyntax} from './tree.js'

type SectionReader<T> = (scanner: Scanner, into: T, position: SmokePosition) => void

const requestSections: Record<string, {title: string; read: SectionReader<RequestSyntax>}> = {
  Query: {title: 'Query', read: (scanner, request) => void (request.query = keyValues(scanner))},
  QueryStringParams: {title: 'Query', read: (scanner, request) => void (request.query = keyValues(scanner))},
  Form: {title: 'Form', read: (scanner, request) => void (request.form = keyValues(scanner))},
  FormParams: {title: 'Form', read: (scanner, request) => void (request.form = keyValues(scanner))},
  Cookies: {title: 'Cookies', read: (scanner, request) => void (request.cookies = keyValues(scanner))},
  BasicAuth: {title: 'BasicAuth', read: basicAuth},
  Options: {
    title: 'Options',
    read: (scanner, request) => void (request.options = items(scanner, entryOption)),
  },
}

const responseSections: Record<string, {title: string; read: SectionReader<ResponseSyntax>}> = {
  Captures: {
    title: 'Captures',
    read: (scanner, response) => void (response.captures = items(scanner, capture)),
  },
  Asserts: {title: 'Asserts', read: (scanner, response) => void (response.asserts = items(scanner, assert))},
}

const onlyHurl = ['Multipart', 'MultipartFormData']

/** The sections after a request's headers. */
export function readRequestSections(scanner: Scanner, request: RequestSyntax): void {
  readSections(scanner, request, requestSections, 'request')
}

/** The sections after a response's headers. */
export function readResponseSections(scanner: Scanner, response: ResponseSyntax): void {
  readSections(scanner, response, responseSections, 'response')
}

/** `name: value` lines up to the first line that is none. */
export function keyValues(scanner: Scanner): KeyValue[] {
  return items(scanner, keyValue)
}

function readSections<T>(
  scanner: Scanner,
  into: T,
  known: Record<string, {title: string; read: SectionReader<T>}>,
  where: 'request' | 'response',
): void {
  const seen = new Set<string>()
  for (;;) {
    scanner.skipBlank()
    const position = scanner.position
    const header = scanner.lookahead(/\[[A-Z][A-Za-z0-9]*\]/)
    if (header === undefined) return
    const name = header.slice(1, -1)
    const section = Object.hasOwn(known, name) ? known[name] : undefined
    if (section === undefined) throw unknownSection(position, name, Object.keys(known), where)
    if (seen.has(section.title)) throw new SyntaxFault('invalid', position, `[${name}] is here twice`)
    seen.add(section.title)
    scanner.require(header)
    scanner.requireLineEnd()
    section.read(scanner, into, position)
  }
}

function unknownSection(position: SmokePosition, name: string, known: string[], where: string): SyntaxFault {
  if (where === 'request' && onlyHurl.includes(name)) return unsupported(position, `the section [${name}]`)
  return expected(position, `a section of a ${where} ([${known.join('], [')}])`, `[${name}]`)
}

/** Reads items, each on a line of its own with blank lines and comments between them, until `read` finds none. */
function items<T>(scanner: Scanner, read: (scanner: Scanner) => T | undefined): T[] {
  const found: T[] = []
  for (;;) {
    scanner.skipBlank()
    if (scanner.atEnd) return found
    const item = read(scanner)
    if (item === undefined) return found
    scanner.requireLineEnd()
    found.push(item)
  }
}

function keyValue(scanner: Scanner): KeyValue | undefined {
  const back = scanner.mark()
  const position = scanner.position
  const key = keyBeforeColon(scanner)
  if (key === undefined) {
    back()
    return undefined
  }
  scanner.skipSpaces()
  return {position, key, value: unquotedTemplate(scanner)}
}

function keyBeforeColon(scanner: Scanner): KeyValue['key'] | undefined {
  // A body such as {{json}} also starts like a key; a colon after it tells them apart.
  if (scanner.lookahead(/[^\n]*:/) === undefined) return undefined
  const key = keyTemplate(scanner)
  if (key === undefined) return undefined
  scanner.skipSpaces()
  return scanner.take(':') ? key : undefined
}

function basicAuth(scanner: Scanner, request: RequestSyntax, position: SmokePosition): void {
  const [first, second] = keyValues(scanner)
  if (first === undefined) throw expected(position, 'one line of user: password in [BasicAuth]')
  if (second !== undefined) throw expected(second.position, 'only one line in [BasicAuth]')
  request.basicAuth = first
}

function capture(scanner: Scanner): Capture | undefined {
  const back = scanner.mark()
  const position = scanner.position
  const name = keyBeforeColon(scanner)
  if (name === undefined) {
    back()
    return undefined
  }
  scanner.skipSpaces()
  const source = query(scanner)
  const through = filters(scanner)
  const redact = scanner.lookahead(/[ \t]+redact(?![A-Za-z0-9])/) !== undefined
  if (redact) {
    scanner.skipSpaces()
    scanner.require('redact')
  }
  return {position, name, query: source, filters: through, redact}
}

function assert(scanner: Scanner): Assert | undefined {
  const position = scanner.position
  if (scanner.lookahead(/(?:true|false|null)(?![A-Za-z0-9])|(?:base64|hex|file),/) !== undefined)
    return undefined
  if (scanner.lookahead(/[a-z]/) === undefined) return undefined
  const source = query(scanner)
  const through = filters(scanner)
  scanner.requireSpace()
  return {position, query: source, filters: through, predicate: predicate(scanner)}
}
