import {YardError} from '../../errors.js'
import {printable} from '../names.js'
import {integer, text, type Value} from './evaluation/value.js'
import {shortestSecret} from './secrets.js'

const namePattern = /^[A-Za-z][A-Za-z0-9_-]*$/

/** The type that Hurl gives a variable from its command line: `true`, `12` and `null` aren't text. */
export function typedValue(spelled: string): Value {
  if (spelled === 'null') return {kind: 'null'}
  if (spelled === 'true' || spelled === 'false') return {kind: 'boolean', value: spelled === 'true'}
  if (/^-?\d{1,100}$/.test(spelled)) return integer(spelled)
  if (/^-?\d+\.\d+$/.test(spelled)) return {kind: 'float', value: Number(spelled)}
  return text(spelled)
}

/** Reads `name=value` pairs as they are given to `--variable`. @throws YardError E_USAGE */
export function parseVariables(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map(parsePair))
}

/**
 * Reads a file of secrets: `name=value` lines, blank lines and lines that start with `#`. The message names lines,
 * never values.
 * @throws YardError E_USAGE
 */
export function parseSecrets(content: string, file: string): Record<string, string> {
  const secrets: Record<string, string> = {}
  content.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return
    const equals = line.indexOf('=')
    const name = line.slice(0, equals).trim()
    const value = line.slice(equals + 1)
    const where = `${file}:${index + 1}`
    if (equals < 0 || !namePattern.test(name)) throw secretsProblem(where, 'the line is not name=value')
    if (Object.hasOwn(secrets, name)) throw secretsProblem(where, `${name} is here twice`)
    if (value.length < shortestSecret)
      throw secretsProblem(
        where,
        `${name} is shorter than ${shortestSecret} characters and could not be hidden in output`,
      )
    secrets[name] = value
  })
  return secrets
}

function parsePair(pair: string): [string, string] {
  const equals = pair.indexOf('=')
  const name = pair.slice(0, equals)
  if (equals >= 0 && namePattern.test(name)) return [name, pair.slice(equals + 1)]
  throw new YardError('E_USAGE', {
    what: `Can't use --variable ${printable(pair)}`,
    why: 'it is not name=value with a name of letters, digits, - and _',
    next: ['yard smoke --variable user=alice'],
  })
}

function secretsProblem(where: string, why: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't read the secrets in ${where}`,
    why,
    next: ['write one secret on each line, such as api_token=…'],
  })
}
