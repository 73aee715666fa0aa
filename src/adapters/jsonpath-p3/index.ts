// json-p3 2.3.1, strict: passes the JSONPath compliance suite. Its match() and search() run on the regular expressions
// of JavaScript, where `(a+)+$` can take for ever, so both are replaced.
import {type FilterFunction, JSONPathEnvironment, JSONPathError, jsonpath} from 'json-p3'

import {type JsonPath, JsonPathFault, type JsonValue} from '../../contracts/json-path.js'
import {type RegularExpressions} from '../../contracts/regular-expressions.js'
import {translatedPattern} from './i-regexp.js'

const {Match, Search} = jsonpath.functions

export class P3JsonPath implements JsonPath {
  private readonly environment = new JSONPathEnvironment({strict: true, maxRecursionDepth: 500})

  constructor(regularExpressions: RegularExpressions) {
    const {functionRegister} = this.environment
    functionRegister.set('match', linear(new Match({throwErrors: true}), 'whole', regularExpressions))
    functionRegister.set('search', linear(new Search({throwErrors: true}), 'part', regularExpressions))
  }

  select(path: string, document: JsonValue): JsonValue[] {
    const name = hyphenatedName(path)
    if (name !== undefined) throw new JsonPathFault(`${name} has a hyphen: write ['${name}']`)
    try {
      return this.environment.query(path, document).values() as JsonValue[]
    } catch (error) {
      if (error instanceof JSONPathError) throw new JsonPathFault(error.message)
      throw error
    }
  }
}

/** The original only judges whether the pattern is an I-Regexp (RFC 9485); it never sees the text. */
function linear(
  original: FilterFunction,
  extent: 'whole' | 'part',
  expressions: RegularExpressions,
): FilterFunction {
  const call = (text: unknown, pattern: unknown): boolean => {
    if (typeof text !== 'string' || typeof pattern !== 'string') return false
    try {
      original.call('', pattern)
      return expressions.compile(translatedPattern(pattern, extent)).find(text) !== undefined
    } catch {
      // RFC 9535 2.4.6: a pattern that isn't one matches nothing.
      return false
    }
  }
  return {argTypes: original.argTypes, returnType: original.returnType, call}
}

/** json-p3 takes `$.x-y`, which RFC 9535 and Hurl don't. */
function hyphenatedName(path: string): string | undefined {
  const withoutStrings = path.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''")
  return /\.((?:[A-Z_a-z]|[^\x00-\x7f])(?:\w|[^\x00-\x7f])*-[\w-]*)/.exec(withoutStrings)?.[1]
}
