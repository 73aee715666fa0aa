import {unsupported} from '../syntax-fault.js'
import {jsonBody} from './json-body.js'
import {fenced, onelineBytes} from './literals.js'
import {type Scanner} from './scanner.js'
import {backtickTemplate} from './templates.js'
import {type Body} from './tree.js'

/** A body, which takes whole lines; undefined when what comes next isn't one. */
export function body(scanner: Scanner): Body | undefined {
  const found = bodyValue(scanner)
  if (found !== undefined) scanner.requireLineEnd()
  return found
}

function bodyValue(scanner: Scanner): Body | undefined {
  const position = scanner.position
  if (scanner.startsWith('```')) return {kind: 'text', position, ...fenced(scanner)}
  if (scanner.startsWith('`')) return {kind: 'text', position, template: backtickTemplate(scanner)}
  if (scanner.startsWith('<')) throw unsupported(position, 'an XML body')
  const bytes = onelineBytes(scanner)
  if (bytes !== undefined) return {kind: 'bytes', position, bytes}
  if (scanner.lookahead(/["{[]|-?[0-9]|(?:true|false|null)(?![A-Za-z0-9_-])/) === undefined) return undefined
  return {kind: 'json', position, parts: jsonBody(scanner)}
}
