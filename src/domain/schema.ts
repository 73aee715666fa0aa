import * as v from 'valibot'

import {namePattern} from './names.js'
import {quickCheckOf} from './quick-check.js'

/** Pieces shared by the record schemas. Valibot is imported in `domain` only; others call `check`. */
export const name = v.pipe(v.string(), v.regex(namePattern, 'is not a valid name'))
export const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))
/** The address of a host as yard renders it into HAProxy text: dotted IPv4 only, each octet in decimal. */
export const ipv4Text = (message?: string) =>
  v.pipe(
    v.string(message),
    v.regex(/^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/, 'is not an IPv4 address'),
  )
export const ipv4 = ipv4Text()
/** The range of a server's weight in HAProxy. */
export const serverWeight = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(256))
export const instant = v.pipe(v.string(), v.isoTimestamp())
export const text = v.pipe(v.string(), v.maxLength(2_000))
/** Text of people that ends up in JSON, YAML, Markdown and tables: line breaks are fine, other control characters aren't. */
export const prose = (maxLength: number) =>
  v.pipe(
    v.string('must be text'),
    v.trim(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(maxLength, `must be at most ${maxLength} characters`),
    v.regex(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$/, 'must not hold control characters'),
  )
export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a sha256 digest'))
export const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, 'is not a commit id'))
export const millis = v.pipe(v.number(), v.integer(), v.minValue(0))
/** An absolute path below which HTTP probes go: visible ASCII, no spaces, no quotes. */
export const urlPathText = (message?: string) =>
  v.pipe(
    v.string(message),
    v.maxLength(500),
    v.regex(/^\/[A-Za-z0-9._~!$&()*+,;=:@/%?-]*$/, 'is not a URL path'),
  )
export const urlPath = urlPathText()
export const variableName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'is not a variable name'),
)
export const variableValue = v.pipe(
  v.string(),
  v.maxLength(32_768),
  v.check((value) => !value.includes('\0'), 'holds a NUL'),
)
export const environmentVariables = v.record(variableName, variableValue)

export interface Problem {
  /** Keys and indexes from the root to the value. */
  path: (string | number)[]
  message: string
}

export type Checked<T> = {ok: true; value: T} | {ok: false; problems: Problem[]}

/** Checks a value from outside against a schema; never throws. */
export function check<S extends v.GenericSchema>(schema: S, value: unknown): Checked<v.InferOutput<S>> {
  const result = v.safeParse(schema, value)
  if (result.success) return {ok: true, value: result.output}
  return {ok: false, problems: result.issues.map(problemOf)}
}

/**
 * Like `check`, for values as `JSON.parse` gives them and for plain records: the checked value may be the very one
 * that was given.
 */
export function checkInPlace<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): Checked<v.InferOutput<S>> {
  if (quickCheckOf(schema)?.(value) === true) return {ok: true, value: value as v.InferOutput<S>}
  return check(schema, value)
}

function problemOf(issue: v.BaseIssue<unknown>): Problem {
  const path = (issue.path ?? []).map((item) => item.key as string | number)
  return {path, message: issue.message}
}
