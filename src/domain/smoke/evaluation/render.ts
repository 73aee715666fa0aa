import {type SmokePosition} from '../position.js'
import {type JsonPart, type Literal, type Pattern, type Placeholder, type Template} from '../syntax/tree.js'
import {EvaluationFault} from './evaluation-fault.js'
import {type EvaluationTools, PatternFault, type RegularExpression} from './tools.js'
import {described, integer, rendered, text, type Value} from './value.js'

export type Variables = ReadonlyMap<string, Value>

/** What templates are filled from. */
export interface Scope {
  variables: Variables
  tools: EvaluationTools
}

/** @throws EvaluationFault when a variable has no value or none that is text. */
export function render(template: Template, scope: Scope): string {
  return template.parts
    .map((part) => (typeof part === 'string' ? part : renderPlaceholder(part, scope)))
    .join('')
}

/** The JSON text of a body. @throws EvaluationFault */
export function renderJson(parts: (string | JsonPart)[], scope: Scope): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part
      const value = renderPlaceholder(part.placeholder, scope)
      return part.insideString ? JSON.stringify(value).slice(1, -1) : value
    })
    .join('')
}

/** The value a placeholder stands for, of its own type. @throws EvaluationFault */
export function valueOf(placeholder: Placeholder, scope: Scope): Value {
  if (placeholder.name === 'newUuid' && placeholder.isFunction) return text(scope.tools.newUuid())
  if (placeholder.isFunction) return {kind: 'date', value: scope.tools.now().getTime()}
  const value = scope.variables.get(placeholder.name)
  if (value !== undefined) return value
  throw new EvaluationFault(
    placeholder.position,
    `a value for {{${placeholder.name}}}`,
    'the variable is not set',
  )
}

/** @throws EvaluationFault */
export function literalValue(literal: Literal, scope: Scope): Value {
  switch (literal.kind) {
    case 'null':
      return {kind: 'null'}
    case 'boolean':
      return {kind: 'boolean', value: literal.value}
    case 'number':
      return literal.isFloat ? {kind: 'float', value: Number(literal.digits)} : integer(literal.digits)
    case 'bytes':
      return {kind: 'bytes', value: literal.bytes}
    case 'text':
      return text(render(literal.template, scope))
    case 'placeholder':
      return valueOf(literal.placeholder, scope)
  }
}

/** @throws EvaluationFault when the pattern isn't a regular expression. */
export function compile(pattern: Pattern, scope: Scope): RegularExpression {
  const source = patternText(pattern, scope)
  try {
    return scope.tools.regularExpressions.compile(source)
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error
    throw new EvaluationFault(patternPosition(pattern), 'a regular expression', error.message)
  }
}

export function patternText(pattern: Pattern, scope: Scope): string {
  return pattern.kind === 'literal' ? pattern.source : render(pattern.template, scope)
}

function patternPosition(pattern: Pattern): SmokePosition {
  return pattern.kind === 'literal' ? pattern.position : pattern.template.position
}

function renderPlaceholder(placeholder: Placeholder, scope: Scope): string {
  const value = valueOf(placeholder, scope)
  const result = rendered(value)
  if (result !== undefined) return result
  throw new EvaluationFault(
    placeholder.position,
    `{{${placeholder.name}}} to be text, a number or a boolean`,
    described(value),
  )
}
