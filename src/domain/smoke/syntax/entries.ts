import {expected, unsupported} from '../syntax-fault.js'
import {body} from './bodies.js'
import {type Scanner} from './scanner.js'
import {keyValues, readRequestSections, readResponseSections} from './sections.js'
import {unquotedTemplate} from './templates.js'
import {type Entry, type RequestSyntax, type ResponseSyntax} from './tree.js'

const methodLine = /[A-Z]+[ \t]/
const responseLine = /HTTP(?:[/ \t]|$|\r?\n)/

/** A request and, when one follows, its response. Blank lines before it are read already. */
export function entry(scanner: Scanner): Entry {
  const found: Entry = {request: request(scanner)}
  scanner.skipBlank()
  if (scanner.lookahead(responseLine) !== undefined) found.response = response(scanner)
  scanner.skipBlank()
  if (scanner.atEnd || scanner.lookahead(methodLine) !== undefined) return found
  const section = scanner.lookahead(/\[[A-Z][A-Za-z0-9]*\]/)
  if (section !== undefined) throw expected(scanner.position, `${section} before the body`)
  const next =
    found.response === undefined
      ? 'a header, a section, a body, HTTP and a status, or the next request'
      : undefined
  throw expected(scanner.position, next ?? 'a section, a body or the next request', scanner.describeNext())
}

function request(scanner: Scanner): RequestSyntax {
  const position = scanner.position
  if (scanner.lookahead(responseLine) !== undefined)
    throw expected(position, 'a request before its response', scanner.describeNext())
  const method = scanner.lookahead(/[A-Z]+(?=[ \t])/)
  if (method === undefined)
    throw expected(position, 'a request such as GET {{base_url}}/', scanner.describeNext())
  scanner.require(method)
  scanner.skipSpaces()
  const urlPosition = scanner.position
  const url = unquotedTemplate(scanner)
  if (url.parts.length === 0)
    throw expected(urlPosition, 'the address of the request', scanner.describeNext())
  scanner.requireLineEnd()
  const found: RequestSyntax = {
    position,
    method,
    url,
    headers: keyValues(scanner),
    query: [],
    cookies: [],
    options: [],
  }
  readRequestSections(scanner, found)
  const content = body(scanner)
  if (content !== undefined) found.body = content
  if (content !== undefined && found.form !== undefined)
    throw expected(content.position, 'either [Form] or a body')
  return found
}

function response(scanner: Scanner): ResponseSyntax {
  const position = scanner.position
  const version = httpVersion(scanner)
  scanner.requireSpace()
  const status = expectedStatus(scanner)
  scanner.requireLineEnd()
  const found: ResponseSyntax = {position, status, headers: keyValues(scanner), captures: [], asserts: []}
  if (version !== undefined) found.version = version
  readResponseSections(scanner, found)
  const content = body(scanner)
  if (content !== undefined) found.body = content
  return found
}

function httpVersion(scanner: Scanner): ResponseSyntax['version'] {
  const position = scanner.position
  scanner.require('HTTP')
  if (!scanner.take('/')) return undefined
  const value = scanner.takePattern(/[0-9.]+|\*/) ?? ''
  if (value === '1.0' || value === '1.1') return {position, value}
  if (value === '2' || value === '3') throw unsupported(position, `HTTP/${value}`)
  if (value === '*') throw expected(position, 'HTTP (HTTP/* was removed from Hurl in 6.1)', 'HTTP/*')
  throw expected(position, 'HTTP, HTTP/1.0 or HTTP/1.1', `HTTP/${value}`)
}

function expectedStatus(scanner: Scanner): ResponseSyntax['status'] {
  const position = scanner.position
  if (scanner.take('*')) return {position, value: undefined}
  const digits = scanner.takePattern(/[0-9]{1,5}/)
  if (digits === undefined) throw expected(position, 'a status such as 200, or *', scanner.describeNext())
  return {position, value: Number(digits)}
}
