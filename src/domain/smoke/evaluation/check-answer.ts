import {type SmokePosition} from '../position.js'
import {type Body, type Capture, type ResponseSyntax} from '../syntax/tree.js'
import {type Answer, bodyText, headerValues, parseJson} from './answer.js'
import {EvaluationFault} from './evaluation-fault.js'
import {applyFilters} from './filters.js'
import {checkPredicate} from './predicates.js'
import {evaluateQuery} from './queries.js'
import {render, renderJson, type Scope, type Variables} from './render.js'
import {described, fromJson, isEqual, type Value} from './value.js'

/** One thing that isn't as the file says. */
export interface CheckFailure {
  kind: 'status' | 'version' | 'header' | 'body' | 'capture' | 'assert' | 'request'
  position: SmokePosition
  expected: string
  actual: string
}

export interface Checked {
  /** What was captured, also when something else failed. */
  captures: {name: string; value: Value; redact: boolean}[]
  /** All of them, in the order of the file. */
  failures: CheckFailure[]
}

/** Compares an answer with everything the file says of it; a wrong status hides nothing. */
export function checkAnswer(expected: ResponseSyntax, answer: Answer, scope: Scope): Checked {
  const captured = captureAll(expected.captures, answer, scope)
  const variables: Variables = new Map([
    ...scope.variables,
    ...captured.captures.map(({name, value}): [string, Value] => [name, value]),
  ])
  const after = {...scope, variables}
  const failures = [
    ...checkVersion(expected, answer),
    ...checkStatus(expected, answer),
    ...checkHeaders(expected, answer, after),
    ...captured.failures,
    ...checkAsserts(expected, answer, after),
    ...checkBody(expected.body, answer, after),
  ]
  return {captures: captured.captures, failures: failures.sort(byPosition)}
}

function checkVersion({version}: ResponseSyntax, answer: Answer): CheckFailure[] {
  if (version === undefined || version.value === answer.version) return []
  const {position, value} = version
  return [{kind: 'version', position, expected: `HTTP/${value}`, actual: `HTTP/${answer.version}`}]
}

function checkStatus({status}: ResponseSyntax, answer: Answer): CheckFailure[] {
  if (status.value === undefined || status.value === answer.status) return []
  return [
    {
      kind: 'status',
      position: status.position,
      expected: String(status.value),
      actual: String(answer.status),
    },
  ]
}

function checkHeaders(response: ResponseSyntax, answer: Answer, scope: Scope): CheckFailure[] {
  return response.headers.flatMap(({position, key, value}) =>
    collect('header', position, () => {
      const name = render(key, scope)
      const wanted = render(value, scope)
      const found = headerValues(answer.headers, name)
      if (found.some((candidate) => candidate.trim() === wanted)) return undefined
      const actual = found.length === 0 ? 'no such header' : found.map((it) => `<${it}>`).join(', ')
      return {expected: `${name}: <${wanted}>`, actual}
    }),
  )
}

function captureAll(captures: Capture[], answer: Answer, scope: Scope): Checked {
  const found: Checked = {captures: [], failures: []}
  for (const capture of captures) {
    const failures = collect('capture', capture.position, () => {
      const name = render(capture.name, scope)
      const value = applyFilters(capture.filters, evaluateQuery(capture.query, answer, scope), scope)
      if (value === undefined) return {expected: `a value for ${name}`, actual: 'none'}
      found.captures.push({name, value, redact: capture.redact})
      return undefined
    })
    found.failures.push(...failures)
  }
  return found
}

function checkAsserts(response: ResponseSyntax, answer: Answer, scope: Scope): CheckFailure[] {
  return response.asserts.flatMap(({position, query, filters, predicate}) =>
    collect('assert', position, () => {
      const value = applyFilters(filters, evaluateQuery(query, answer, scope), scope)
      return checkPredicate(predicate, value, scope)
    }),
  )
}

function checkBody(body: Body | undefined, answer: Answer, scope: Scope): CheckFailure[] {
  if (body === undefined) return []
  return collect('body', body.position, () => {
    const {wanted, found} = comparedBodies(body, answer, scope)
    return isEqual(wanted, found) ? undefined : {expected: described(wanted), actual: described(found)}
  })
}

function comparedBodies(body: Body, answer: Answer, scope: Scope): {wanted: Value; found: Value} {
  if (body.kind === 'bytes')
    return {wanted: {kind: 'bytes', value: body.bytes}, found: {kind: 'bytes', value: answer.body}}
  const received = bodyText(answer, body.position)
  if (body.kind === 'text')
    return {
      wanted: {kind: 'string', value: render(body.template, scope)},
      found: {kind: 'string', value: received},
    }
  const wanted = fromJson(parseJson(renderJson(body.parts, scope), body.position))
  return {wanted, found: fromJson(parseJson(received, body.position))}
}

function collect(
  kind: CheckFailure['kind'],
  position: SmokePosition,
  check: () => {expected: string; actual: string} | undefined,
): CheckFailure[] {
  try {
    const failure = check()
    return failure === undefined ? [] : [{kind, position, ...failure}]
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error
    return [{kind, position: error.position, expected: error.expected, actual: error.actual}]
  }
}

function byPosition(left: CheckFailure, right: CheckFailure): number {
  return left.position.line - right.position.line || left.position.column - right.position.column
}
