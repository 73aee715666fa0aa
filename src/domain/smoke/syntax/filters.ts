import {expected, unsupported} from '../syntax-fault.js'
import {pattern} from './literals.js'
import {type Scanner} from './scanner.js'
import {quotedTemplate} from './templates.js'
import {type Filter, plainFilters, templateFilters} from './tree.js'

const onlyHurl = ['location', 'xpath']

/** The filters between a query and its predicate; stops before a word that is none. */
export function filters(scanner: Scanner): Filter[] {
  const found: Filter[] = []
  for (;;) {
    const back = scanner.mark()
    if (scanner.skipSpaces() === 0) return found
    const next = filter(scanner)
    if (next === undefined) {
      back()
      return found
    }
    found.push(next)
  }
}

function filter(scanner: Scanner): Filter | undefined {
  const position = scanner.position
  const word = scanner.takePattern(/[A-Za-z][A-Za-z0-9]*/) ?? ''
  const plain = plainFilters.find((name) => name === word)
  if (plain !== undefined) return {kind: plain, position}
  const withTemplate = templateFilters.find((name) => name === word)
  if (withTemplate !== undefined) {
    scanner.requireSpace()
    return {kind: withTemplate, position, argument: quotedTemplate(scanner)}
  }
  switch (word) {
    case 'nth':
      scanner.requireSpace()
      return {kind: word, position, index: integer(scanner)}
    case 'regex':
      scanner.requireSpace()
      return {kind: word, position, pattern: pattern(scanner)}
    case 'replace': {
      scanner.requireSpace()
      const from = quotedTemplate(scanner)
      scanner.requireSpace()
      return {kind: word, position, from, to: quotedTemplate(scanner)}
    }
    case 'replaceRegex': {
      scanner.requireSpace()
      const source = pattern(scanner)
      scanner.requireSpace()
      return {kind: word, position, pattern: source, to: quotedTemplate(scanner)}
    }
    default:
      if (onlyHurl.includes(word)) throw unsupported(position, `the filter ${word}`)
      return undefined
  }
}

function integer(scanner: Scanner): number {
  const position = scanner.position
  const digits = scanner.takePattern(/-?[0-9]{1,9}/)
  if (digits === undefined) throw expected(position, 'a whole number', scanner.describeNext())
  return Number(digits)
}
