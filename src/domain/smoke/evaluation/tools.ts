import {type JsonValue} from './value.js'

/** JSONPath as RFC 9535 has it. */
export interface JsonPath {
  /** The values that a path selects, in order. @throws JsonPathFault when the path is none. */
  select(path: string, document: JsonValue): JsonValue[]
}

/** The path isn't one; `message` says why. */
export class JsonPathFault extends Error {}

/** Regular expressions whose time grows with the text only, never explodes. */
export interface RegularExpressions {
  /** @throws PatternFault when the pattern is none. */
  compile(pattern: string): RegularExpression
}

export interface RegularExpression {
  /** The first match and its groups (0 is the whole), or undefined. */
  find(text: string): (string | undefined)[] | undefined
  /** Every match replaced; `$1` and `${name}` stand for groups, `$$` for a dollar sign. */
  replaceAll(text: string, replacement: string): string
}

/** The pattern isn't one; `message` says why. */
export class PatternFault extends Error {}

/** What evaluation needs from outside, so that it stays pure. */
export interface EvaluationTools {
  jsonPath: JsonPath
  regularExpressions: RegularExpressions
  digest(algorithm: 'sha256' | 'md5', bytes: Uint8Array): Uint8Array
  now(): Date
  newUuid(): string
}
