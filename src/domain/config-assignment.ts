import {YardError} from '../errors.js'
import {type ConfigContent} from './config-value.js'
import {parseSecretReference, referenceStart} from './secret-reference.js'
import {variableNamePattern, variableNameProblem} from './variable-names.js'

/** Larger values belong into a file or a store of their own. */
export const maxValueBytes = 32 * 1024

/** A variable and what it is set to. */
export interface Assignment {
  name: string
  content: Exclude<ConfigContent, {kind: 'sealed'}>
}

/**
 * Reads words such as `LOG_LEVEL=debug`. Messages name variables and places, never a value: a word that isn't
 * understood may be a secret.
 * @throws YardError E_USAGE, E_SECRET_REFERENCE
 */
export function parseAssignments(words: readonly string[]): Assignment[] {
  if (words.length === 0) throw refused('nothing is given to set', 'yard config set billing LOG_LEVEL=debug')
  const assignments = words.map((word, index) => parseAssignment(word, index + 1))
  throwIfTwice(assignments.map(({name}) => name))
  return assignments
}

/**
 * The name of a variable that services may be given.
 * @throws YardError E_USAGE; the word is repeated only where it is a variable name, as anything else may be a secret.
 */
export function parseVariableName(word: string): string {
  const problem = variableNameProblem(word)
  if (problem === undefined) return word
  const subject = variableNamePattern.test(word) ? word : 'what is given as the name'
  throw refused(`${subject} ${problem}`, 'use a name such as LOG_LEVEL')
}

/** @throws YardError E_USAGE */
export function parseVariableNames(words: readonly string[]): string[] {
  const names = words.map(parseVariableName)
  throwIfTwice(names)
  return names
}

/** @throws YardError E_USAGE when the value can't be given to a process; it isn't repeated. */
export function checkValue(name: string, value: string): void {
  if (value.includes('\0')) throw refused(`the value of ${name} holds a NUL`, 'give text without NUL')
  if (/\p{Surrogate}/u.test(value)) {
    throw refused(`the value of ${name} is not text`, 'encode it first: base64 -w0 FILE')
  }
  if (Buffer.byteLength(value) > maxValueBytes) {
    throw refused(
      `the value of ${name} is larger than ${maxValueBytes / 1024} kB`,
      'put it into a file of the service',
    )
  }
}

function parseAssignment(word: string, place: number): Assignment {
  const end = word.indexOf('=')
  const name = end === -1 ? '' : word.slice(0, end)
  if (!variableNamePattern.test(name)) {
    throw refused(
      `the ${ordinal(place)} variable is not of the form NAME=VALUE`,
      'yard config set billing LOG_LEVEL=debug',
      'yard config set billing STRIPE_KEY --secret   # a secret is asked for, or read from stdin',
    )
  }
  const value = word.slice(end + 1)
  checkValue(parseVariableName(name), value)
  if (!value.startsWith(referenceStart)) return {name, content: {kind: 'plain', value}}
  parseSecretReference(value)
  return {name, content: {kind: 'reference', reference: value}}
}

function throwIfTwice(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw refused(`${twice} is given twice`, 'give each name once')
}

function ordinal(place: number): string {
  return ['first', 'second', 'third'][place - 1] ?? `${place}th`
}

function refused(why: string, ...next: [string, ...string[]]): YardError {
  return new YardError('E_USAGE', {what: "Can't take these variables", why, next})
}
