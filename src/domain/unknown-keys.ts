import {isName, suggestName} from './names.js'
import {nearestWord} from './nearest.js'
import {type Problem} from './schema.js'

/**
 * Takes out every key that the schema doesn't know and lists it; a strict schema by itself stops at the first. In a
 * group of named things, such as environments, a key that is no name is taken out and listed, too.
 */
export function withoutUnknownKeys(
  value: unknown,
  schema: unknown,
  fileName: string,
  path: readonly (string | number)[] = [],
): {stripped: unknown; problems: Problem[]} {
  if (typeof value !== 'object' || value === null) return {stripped: value, problems: []}
  const shape = shapeOf(schema)
  if (shape === undefined || Array.isArray(value) !== (shape.kind === 'list')) {
    return {stripped: value, problems: []}
  }
  if (shape.kind === 'list') {
    const items = (value as unknown[]).map((inner, index) =>
      withoutUnknownKeys(inner, shape.item, fileName, [...path, index]),
    )
    return {
      stripped: items.map(({stripped}) => stripped),
      problems: items.flatMap(({problems}) => problems),
    }
  }
  const problems: Problem[] = []
  const kept: [string, unknown][] = []
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = [...path, key]
    const fault = shape.kind === 'group' ? unknownKey(key, shape.entries, fileName) : notAName(key)
    if (fault !== undefined) {
      problems.push({path: innerPath, message: fault})
      continue
    }
    const innerSchema = shape.kind === 'group' ? shape.entries[key] : shape.value
    const below = withoutUnknownKeys(inner, innerSchema, fileName, innerPath)
    kept.push([key, below.stripped])
    problems.push(...below.problems)
  }
  return {stripped: Object.fromEntries(kept), problems}
}

type Shape =
  | {kind: 'group'; entries: Record<string, unknown>}
  | {kind: 'named'; value: unknown}
  | {kind: 'list'; item: unknown}

/** Also through `optional`, `nullable` and `pipe`. */
function shapeOf(schema: unknown): Shape | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  if ('entries' in schema) return {kind: 'group', entries: schema.entries as Record<string, unknown>}
  if ('wrapped' in schema) return shapeOf(schema.wrapped)
  if ('item' in schema) return {kind: 'list', item: schema.item}
  const isNamed = 'type' in schema && schema.type === 'record' && 'value' in schema
  return isNamed && shapeOf(schema.value) !== undefined ? {kind: 'named', value: schema.value} : undefined
}

function unknownKey(key: string, entries: Record<string, unknown>, fileName: string): string | undefined {
  if (Object.hasOwn(entries, key)) return undefined
  const known = Object.keys(entries)
  const nearest = nearestWord(key, known)
  return nearest === undefined
    ? `is not a key of ${fileName}; known here: ${known.join(', ')}`
    : `is not a key of ${fileName}; did you mean ${nearest}?`
}

/** Valid names that objects of JavaScript have a meaning for, and that a schema would pass over in silence. */
const wordsOfObjects: readonly string[] = ['constructor', 'prototype']

function notAName(key: string): string | undefined {
  if (wordsOfObjects.includes(key)) return "can't be a name"
  if (isName(key)) return undefined
  const suggestion = suggestName(key)
  const tried = suggestion === undefined ? '' : `; try ${suggestion}`
  return `must be 1 to 40 lower-case letters, digits and single dashes, starting with a letter${tried}`
}
