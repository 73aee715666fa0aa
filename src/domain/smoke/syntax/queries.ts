import {expected, unsupported} from '../syntax-fault.js'
import {pattern} from './literals.js'
import {type Scanner} from './scanner.js'
import {quotedTemplate} from './templates.js'
import {type CookieAttribute, type PlainQuery, type Query, type Template} from './tree.js'

const plainQueries = ['status', 'version', 'url', 'body', 'bytes', 'duration', 'sha256', 'md5'] as const
const onlyHurl = ['certificate', 'ip', 'redirects', 'xpath', 'rawbytes']
const attributes: readonly CookieAttribute[] = [
  'Value',
  'Expires',
  'Max-Age',
  'Domain',
  'Path',
  'Secure',
  'HttpOnly',
  'SameSite',
]

/** What to look at in a response. */
export function query(scanner: Scanner): Query {
  const position = scanner.position
  const word = scanner.takePattern(/[A-Za-z][A-Za-z0-9]*/) ?? ''
  const plain = plainQueries.find((name) => name === word)
  if (plain !== undefined) return {kind: plain satisfies PlainQuery, position}
  switch (word) {
    case 'header':
    case 'jsonpath':
    case 'variable':
      scanner.requireSpace()
      return {kind: word, position, argument: quotedTemplate(scanner)}
    case 'cookie':
      scanner.requireSpace()
      return {kind: word, position, ...cookiePath(scanner)}
    case 'regex':
      scanner.requireSpace()
      return {kind: word, position, pattern: pattern(scanner)}
    default:
      if (onlyHurl.includes(word)) throw unsupported(position, `the query ${word}`)
      throw expected(
        position,
        'a query such as status, header "Name", jsonpath "$.path" or body',
        word === '' ? scanner.describeNext() : JSON.stringify(word),
      )
  }
}

/** `"name"` or `"name[Attribute]"` */
function cookiePath(scanner: Scanner): {name: Template; attribute: CookieAttribute} {
  const position = scanner.position
  const template = quotedTemplate(scanner)
  const last = template.parts.at(-1)
  const match = typeof last === 'string' ? /^(.*)\[([^[\]]*)\]$/s.exec(last) : null
  if (match === null) return {name: template, attribute: 'Value'}
  const attribute = attributes.find((name) => name.toLowerCase() === match[2]?.trim().toLowerCase())
  if (attribute === undefined)
    throw expected(position, `a cookie attribute (${attributes.join(', ')})`, match[2])
  const head = match[1] ?? ''
  return {
    name: {...template, parts: [...template.parts.slice(0, -1), ...(head === '' ? [] : [head])]},
    attribute,
  }
}
