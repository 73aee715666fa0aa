import {parseSetCookie, type SetCookie} from '../cookies.js'
import {type CookieAttribute, type Query, type Template} from '../syntax/tree.js'
import {type Answer, bodyText, headerValues, parseJson} from './answer.js'
import {EvaluationFault} from './evaluation-fault.js'
import {compile, render, type Scope} from './render.js'
import {JsonPathFault} from './tools.js'
import {fromJson, type JsonValue, number, text, type Value} from './value.js'

/** What the query finds, or undefined. @throws EvaluationFault when it can't be asked of this response. */
export function evaluateQuery(query: Query, answer: Answer, scope: Scope): Value | undefined {
  switch (query.kind) {
    case 'status':
      return number(answer.status)
    case 'version':
      return text(answer.version)
    case 'url':
      return text(answer.url)
    case 'body':
      return text(bodyText(answer, query.position))
    case 'bytes':
      return {kind: 'bytes', value: answer.body}
    case 'duration':
      return number(Math.round(answer.millis))
    case 'sha256':
    case 'md5':
      return {kind: 'bytes', value: scope.tools.digest(query.kind, answer.body)}
    case 'header':
      return oneOrList(headerValues(answer.headers, render(query.argument, scope)))
    case 'variable':
      return scope.variables.get(render(query.argument, scope))
    case 'cookie':
      return cookieValue(query.name, query.attribute, answer, scope)
    case 'jsonpath':
      return selectJson(query.argument, parseJson(bodyText(answer, query.position), query.position), scope)
    case 'regex': {
      const found = compile(query.pattern, scope).find(bodyText(answer, query.position))?.[1]
      return found === undefined ? undefined : text(found)
    }
  }
}

/**
 * Hurl 8: no result is no value, one result is that result, several are a list.
 * @throws EvaluationFault when the path isn't JSONPath.
 */
export function selectJson(path: Template, document: JsonValue, scope: Scope): Value | undefined {
  const source = render(path, scope)
  let found: JsonValue[]
  try {
    found = scope.tools.jsonPath.select(source, document)
  } catch (error) {
    if (!(error instanceof JsonPathFault)) throw error
    throw new EvaluationFault(path.position, `a JSONPath (RFC 9535) instead of <${source}>`, error.message)
  }
  const [first] = found
  if (first === undefined) return undefined
  return found.length === 1 ? fromJson(first) : fromJson(found)
}

function oneOrList(values: string[]): Value | undefined {
  const [first] = values
  if (first === undefined) return undefined
  return values.length === 1 ? text(first) : {kind: 'list', items: values.map(text)}
}

function cookieValue(
  name: Template,
  attribute: CookieAttribute,
  answer: Answer,
  scope: Scope,
): Value | undefined {
  const wanted = render(name, scope)
  const cookie = headerValues(answer.headers, 'set-cookie')
    .map(parseSetCookie)
    .find((candidate) => candidate?.name === wanted)
  return cookie === undefined ? undefined : attributeValue(cookie, attribute)
}

function attributeValue(cookie: SetCookie, attribute: CookieAttribute): Value | undefined {
  if (attribute === 'Value') return text(cookie.value)
  const value = cookie.attributes.get(attribute.toLowerCase())
  if (value === undefined) return undefined
  if (attribute === 'Secure' || attribute === 'HttpOnly') return {kind: 'flag'}
  return attribute === 'Max-Age' ? number(Number(value)) : text(value)
}
