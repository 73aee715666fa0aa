import {expected, unsupported} from '../syntax-fault.js'
import {durationMillis, literal} from './literals.js'
import {type Scanner} from './scanner.js'
import {placeholder, quotedTemplate, unquotedTemplate} from './templates.js'
import {type EntryOption, type Literal, type Placeholder} from './tree.js'

const flags = ['location', 'skip', 'compressed', 'verbose', 'very-verbose'] as const
const counts = ['retry', 'max-redirs'] as const
const durations = ['retry-interval', 'delay'] as const
const functionNames = ['newDate', 'newUuid']
const onlyHurl = (
  'aws-sigv4 cacert cert connect-timeout connect-to digest header http1.0 http1.1 http2 http3 insecure ipv4 ipv6 key ' +
  'limit-rate location-trusted max-time negotiate netrc netrc-file netrc-optional ntlm output path-as-is pinnedpubkey ' +
  'proxy repeat resolve unix-socket user verbosity'
).split(' ')

/** One line of `[Options]`; undefined when the next line isn't one. */
export function entryOption(scanner: Scanner): EntryOption | undefined {
  const position = scanner.position
  if (scanner.lookahead(/[A-Za-z0-9._-]+[ \t]*:/) === undefined) return undefined
  const name = scanner.takePattern(/[A-Za-z0-9._-]+/) ?? ''
  scanner.skipSpaces()
  scanner.require(':')
  scanner.skipSpaces()
  const flag = flags.find((candidate) => candidate === name)
  if (flag !== undefined)
    return {kind: 'flag', position, name: flag, value: placeholder(scanner) ?? boolean(scanner)}
  const count = counts.find((candidate) => candidate === name)
  if (count !== undefined)
    return {kind: 'count', position, name: count, value: placeholder(scanner) ?? whole(scanner)}
  const duration = durations.find((candidate) => candidate === name)
  if (duration !== undefined)
    return {kind: 'duration', position, name: duration, value: millisOrVariable(scanner)}
  if (name === 'variable') return {kind: 'variable', position, ...definition(scanner)}
  if (onlyHurl.includes(name)) throw unsupported(position, `the option ${name}`)
  throw expected(position, 'an option such as retry, delay or location', JSON.stringify(name))
}

function boolean(scanner: Scanner): boolean {
  const word = scanner.lookahead(/(?:true|false)(?![A-Za-z0-9_-])/)
  if (word === undefined) throw expected(scanner.position, 'true or false', scanner.describeNext())
  scanner.require(word)
  return word === 'true'
}

function whole(scanner: Scanner): number {
  const digits = scanner.takePattern(/-1|[0-9]{1,9}/)
  if (digits === undefined) throw expected(scanner.position, 'a count of -1 or more', scanner.describeNext())
  return Number(digits)
}

function millisOrVariable(scanner: Scanner): number | Placeholder {
  return placeholder(scanner) ?? durationMillis(scanner)
}

function definition(scanner: Scanner): {name: string; value: Literal} {
  const position = scanner.position
  const name = scanner.takePattern(/[A-Za-z][A-Za-z0-9_-]*/)
  if (name === undefined) throw expected(position, 'name=value', scanner.describeNext())
  if (functionNames.includes(name)) throw expected(position, `another name (${name} is a function of Hurl)`)
  scanner.skipSpaces()
  scanner.require('=')
  scanner.skipSpaces()
  return {name, value: definedValue(scanner)}
}

/** Anything that isn't null, true, false, a number or in quotes is text up to the end of the line. */
function definedValue(scanner: Scanner): Literal {
  const position = scanner.position
  if (scanner.startsWith('"')) return {kind: 'text', position, template: quotedTemplate(scanner)}
  const typed = scanner.lookahead(/(?:null|true|false|-?[0-9]+(?:\.[0-9]+)?)(?=[ \t]*(?:#|\r?\n|$))/)
  if (typed !== undefined) return literal(scanner)
  return {kind: 'text', position, template: unquotedTemplate(scanner)}
}
