import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  parseDocument,
  visit,
} from 'yaml'

import {type DocumentParser, type ParsedDocument, type Position} from '../../contracts/documents.js'
import {printDocuments} from './print.js'

const maxTextLength = 256 * 1024
/** A text of several documents describes many things, not one. */
const maxAllLength = 4 * 1024 * 1024
/** Far more than a person writes, far less than what a bomb needs. */
const maxAliases = 50
const maxDepth = 50

/**
 * YAML 1.2 by the `yaml` package (2.9 tried). It goes on after an error, so all errors are listed; tags it doesn't
 * know are only warnings to it and errors here.
 */
export class YamlDocumentParser implements DocumentParser {
  parse(text: string): ParsedDocument {
    if (text.length > maxTextLength)
      return refused(`is larger than ${maxTextLength / 1024} kB`, {line: 1, column: 1})
    if (deepestFlow(text) > maxDepth) return refused('is nested too deeply', {line: 1, column: 1})
    const lineCounter = new LineCounter()
    const document = composed(text, lineCounter)
    return document === undefined
      ? refused('is nested too deeply', {line: 1, column: 1})
      : parsed(document, lineCounter)
  }

  parseAll(text: string): ParsedDocument[] {
    if (text.length > maxAllLength)
      return [refused(`is larger than ${maxAllLength / 1024} kB`, {line: 1, column: 1})]
    const isDeep = text.split(/^---(?=\s|$)/m).some((part) => deepestFlow(part) > maxDepth)
    const lineCounter = new LineCounter()
    const documents = isDeep ? undefined : allComposed(text, lineCounter)
    if (documents === undefined) return [refused('is nested too deeply', {line: 1, column: 1})]
    return documents.map((document) => parsed(document, lineCounter))
  }

  printAll(values: readonly unknown[]): string {
    return printDocuments(values)
  }
}

function parsed(document: Document.Parsed, lineCounter: LineCounter): ParsedDocument {
  const faults = [...document.errors, ...document.warnings]
  if (faults.length === 0) return toValue(document, lineCounter)
  const problems = faults.slice(0, 50).map(({message, pos}) => ({
    message: lowerFirst(message.replace(/\s*\n[\s\S]*$/, '')),
    position: positionAt(lineCounter, pos[0]),
  }))
  return {ok: false, problems}
}

const parseOptions = {logLevel: 'error', prettyErrors: false, stringKeys: true} as const

/** Undefined when the text is nested deeper than the parser's recursion goes. */
function allComposed(text: string, lineCounter: LineCounter): Document.Parsed[] | undefined {
  try {
    const documents = parseAllDocuments(text, {lineCounter, ...parseOptions})
    if ('empty' in documents) return []
    const isDeep = documents.some(({errors}) => errors.some(({message}) => message.includes('call stack')))
    return isDeep ? undefined : documents
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Undefined when the text is nested deeper than the parser's recursion goes. */
function composed(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    // Below `error` a second document would be left out silently.
    const document = parseDocument(text, {lineCounter, ...parseOptions})
    return document.errors.some(({message}) => message.includes('call stack')) ? undefined : document
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function toValue(document: Document.Parsed, lineCounter: LineCounter): ParsedDocument {
  const bomb = tooManyAliases(document, lineCounter)
  if (bomb !== undefined) return refused('uses too many aliases', bomb)
  let value: unknown
  try {
    value = document.toJS({maxAliasCount: maxAliases})
    // An alias to what it stands in makes a circle, which nobody who walks the value expects.
    JSON.stringify(value)
  } catch (error) {
    const message =
      error instanceof ReferenceError ? lowerFirst(error.message) : "an alias can't stand for what holds it"
    return refused(message, firstAlias(document, lineCounter) ?? {line: 1, column: 1})
  }
  return {
    ok: true,
    value: value === null ? undefined : value,
    positionOf: (path, part = 'value') => positionAt(lineCounter, offsetOf(document.contents, path, part)),
  }
}

/** Walks down as far as the document goes. */
function offsetOf(contents: unknown, path: readonly (string | number)[], part: 'key' | 'value'): number {
  let node: unknown = contents
  let offset = startOf(node) ?? 0
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({key}) => keyText(key) === String(step))
      if (pair === undefined) return offset
      const isLast = index === path.length - 1
      node = pair.value
      offset = (isLast && part === 'key' ? startOf(pair.key) : (startOf(node) ?? startOf(pair.key))) ?? offset
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
      if (node === undefined) return offset
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

function keyText(key: unknown): string {
  return isNode(key) ? String((key as Node & {value?: unknown}).value) : String(key)
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

function positionAt(lineCounter: LineCounter, offset: number): Position {
  const {line, col} = lineCounter.linePos(offset)
  return {line: Math.max(1, line), column: Math.max(1, col)}
}

function tooManyAliases(document: Document.Parsed, lineCounter: LineCounter): Position | undefined {
  let count = 0
  let place: Position | undefined
  visit(document, {
    Alias(_key, alias) {
      count += 1
      if (count <= maxAliases) return undefined
      place = positionAt(lineCounter, alias.range?.[0] ?? 0)
      return visit.BREAK
    },
  })
  return place
}

function firstAlias(document: Document.Parsed, lineCounter: LineCounter): Position | undefined {
  let place: Position | undefined
  visit(document, (_key, node) => {
    if (!isAlias(node)) return undefined
    place = positionAt(lineCounter, node.range?.[0] ?? 0)
    return visit.BREAK
  })
  return place
}

/** An upper bound of how deep `[[[{{` goes, known before the recursive parser sees it. */
function deepestFlow(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth)
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1)
  }
  return deepest
}

function refused(message: string, position: Position): ParsedDocument {
  return {ok: false, problems: [{message, position}]}
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
