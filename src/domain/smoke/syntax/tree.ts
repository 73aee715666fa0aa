import {type SmokePosition} from '../position.js'

/** What a file says, before any variable has a value. Positions point at the first character of each part. */
export interface SmokeFile {
  entries: Entry[]
}

/** One request and, when the file says what to expect, its response. */
export interface Entry {
  request: RequestSyntax
  response?: ResponseSyntax
}

export interface RequestSyntax {
  position: SmokePosition
  method: string
  url: Template
  headers: KeyValue[]
  query: KeyValue[]
  /** Undefined when there is no section: an empty one still makes a form. */
  form?: KeyValue[]
  cookies: KeyValue[]
  basicAuth?: KeyValue
  options: EntryOption[]
  body?: Body
}

export interface ResponseSyntax {
  position: SmokePosition
  /** Undefined accepts any version. */
  version?: {position: SmokePosition; value: string}
  /** `value` is undefined for `*`. */
  status: {position: SmokePosition; value: number | undefined}
  headers: KeyValue[]
  captures: Capture[]
  asserts: Assert[]
  body?: Body
}

export interface KeyValue {
  position: SmokePosition
  key: Template
  value: Template
}

/** Text with holes for variables. */
export interface Template {
  position: SmokePosition
  parts: TemplatePart[]
}

export type TemplatePart = string | Placeholder

/** `{{name}}`, or one of Hurl's functions. */
export interface Placeholder {
  position: SmokePosition
  name: string
  isFunction: boolean
}

/** JSON keeps its own spelling; a placeholder inside a string is escaped, one outside is put in as it is. */
export interface JsonPart {
  placeholder: Placeholder
  insideString: boolean
}

export type Body =
  | {kind: 'json'; position: SmokePosition; parts: (string | JsonPart)[]}
  | {kind: 'text'; position: SmokePosition; template: Template; language?: 'json'}
  | {kind: 'bytes'; position: SmokePosition; bytes: Uint8Array}

export type EntryOption =
  | {kind: 'flag'; position: SmokePosition; name: FlagOption; value: boolean | Placeholder}
  /** -1 is without end. */
  | {kind: 'count'; position: SmokePosition; name: CountOption; value: number | Placeholder}
  | {kind: 'duration'; position: SmokePosition; name: DurationOption; value: number | Placeholder}
  | {kind: 'variable'; position: SmokePosition; name: string; value: Literal}

export type FlagOption = 'location' | 'skip' | 'compressed' | 'verbose' | 'very-verbose'
export type CountOption = 'retry' | 'max-redirs'
export type DurationOption = 'retry-interval' | 'delay'

export interface Capture {
  position: SmokePosition
  name: Template
  query: Query
  filters: Filter[]
  /** The value is kept out of all output from now on. */
  redact: boolean
}

export interface Assert {
  position: SmokePosition
  query: Query
  filters: Filter[]
  predicate: Predicate
}

export type Query =
  | {kind: PlainQuery; position: SmokePosition}
  | {kind: 'header' | 'jsonpath' | 'variable'; position: SmokePosition; argument: Template}
  | {kind: 'cookie'; position: SmokePosition; name: Template; attribute: CookieAttribute}
  | {kind: 'regex'; position: SmokePosition; pattern: Pattern}

export type PlainQuery = 'status' | 'version' | 'url' | 'body' | 'bytes' | 'duration' | 'sha256' | 'md5'

export type CookieAttribute =
  'Value' | 'Expires' | 'Max-Age' | 'Domain' | 'Path' | 'Secure' | 'HttpOnly' | 'SameSite'

/** A regular expression: between slashes as it is, or a string that may hold variables. */
export type Pattern =
  {kind: 'literal'; position: SmokePosition; source: string} | {kind: 'template'; template: Template}

export type Filter =
  | {kind: PlainFilter; position: SmokePosition}
  | {kind: TemplateFilter; position: SmokePosition; argument: Template}
  | {kind: 'nth'; position: SmokePosition; index: number}
  | {kind: 'regex'; position: SmokePosition; pattern: Pattern}
  | {kind: 'replace'; position: SmokePosition; from: Template; to: Template}
  | {kind: 'replaceRegex'; position: SmokePosition; pattern: Pattern; to: Template}

export const plainFilters = [
  'base64Decode',
  'base64Encode',
  'base64UrlSafeDecode',
  'base64UrlSafeEncode',
  'count',
  'daysAfterNow',
  'daysBeforeNow',
  'first',
  'htmlEscape',
  'htmlUnescape',
  'last',
  'toFloat',
  'toHex',
  'toInt',
  'toString',
  'urlDecode',
  'urlEncode',
  'utf8Decode',
  'utf8Encode',
] as const
export const templateFilters = [
  'charsetDecode',
  'dateFormat',
  'decode',
  'format',
  'jsonpath',
  'split',
  'toDate',
  'urlQueryParam',
] as const

export type PlainFilter = (typeof plainFilters)[number]
export type TemplateFilter = (typeof templateFilters)[number]

export interface Predicate {
  position: SmokePosition
  negated: boolean
  test: PredicateTest
}

export type PredicateTest =
  {kind: PlainTest} | {kind: ComparingTest; expected: Literal} | {kind: 'matches'; pattern: Pattern}

export const plainTests = [
  'exists',
  'isBoolean',
  'isCollection',
  'isDate',
  'isEmpty',
  'isFloat',
  'isInteger',
  'isIpv4',
  'isIpv6',
  'isIsoDate',
  'isList',
  'isNumber',
  'isObject',
  'isString',
  'isUuid',
] as const
export type PlainTest = (typeof plainTests)[number]

export type ComparingTest = '==' | '!=' | '>' | '>=' | '<' | '<=' | 'startsWith' | 'endsWith' | 'contains'

/** A value written in the file. */
export type Literal =
  | {kind: 'null'; position: SmokePosition}
  | {kind: 'boolean'; position: SmokePosition; value: boolean}
  | {kind: 'number'; position: SmokePosition; digits: string; isFloat: boolean}
  | {kind: 'bytes'; position: SmokePosition; bytes: Uint8Array}
  | {kind: 'text'; position: SmokePosition; template: Template}
  | {kind: 'placeholder'; position: SmokePosition; placeholder: Placeholder}
