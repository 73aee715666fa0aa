import {type FieldChange} from '../domain/field-changes.js'
import {neutralise} from '../domain/logs/escapes.js'
import {paint} from './colors.js'

/** What was and what is, each on its own line. */
export function fieldChangeLines(changes: readonly FieldChange[], indent = '  '): string[] {
  return changes.flatMap(({after, before, field}) => [
    ...(before === undefined ? [] : [paint.bad(`${indent}- ${field}: ${neutralise(before)}`)]),
    ...(after === undefined ? [] : [paint.good(`${indent}+ ${field}: ${neutralise(after)}`)]),
  ])
}
