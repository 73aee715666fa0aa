import {type SmokePosition} from './position.js'
import {
  type Body,
  type Entry,
  type EntryOption,
  type Filter,
  type KeyValue,
  type Literal,
  type Pattern,
  type Placeholder,
  type Predicate,
  type Query,
  type ResponseSyntax,
  type SmokeFile,
  type Template,
} from './syntax/tree.js'

export interface UnsetVariable {
  name: string
  position: SmokePosition
}

/**
 * Placeholders that can have no value when they are reached: neither given, nor set by an option, nor captured
 * before. A file runs from top to bottom and stops at its first failure, so this is known before anything is sent.
 */
export function unsetVariables(file: SmokeFile, given: Iterable<string>): UnsetVariable[] {
  const known = new Set(given)
  const unset: UnsetVariable[] = []
  const use = (placeholders: Placeholder[]) => {
    for (const {name, position, isFunction} of placeholders)
      if (!isFunction && !known.has(name)) unset.push({name, position})
  }
  for (const entry of file.entries) {
    for (const option of entry.request.options) {
      use(inOption(option))
      if (option.kind === 'variable') known.add(option.name)
    }
    use(inRequest(entry))
    const {response} = entry
    if (response === undefined) continue
    for (const capture of response.captures) {
      use([...inTemplate(capture.name), ...inQuery(capture.query), ...capture.filters.flatMap(inFilter)])
    }
    for (const name of response.captures.map(captureName)) {
      // A name made of variables is known only once it runs: then nothing can be said of what follows.
      if (name === undefined) return unset
      known.add(name)
    }
    use(inResponse(response))
  }
  return unset
}

function captureName({name}: ResponseSyntax['captures'][number]): string | undefined {
  return name.parts.every((part) => typeof part === 'string') ? name.parts.join('') : undefined
}

function inRequest({request}: Entry): Placeholder[] {
  const pairs = [...request.headers, ...request.query, ...(request.form ?? []), ...request.cookies]
  const auth = request.basicAuth === undefined ? [] : [request.basicAuth]
  return [...inTemplate(request.url), ...[...pairs, ...auth].flatMap(inPair), ...inBody(request.body)]
}

function inResponse(response: ResponseSyntax): Placeholder[] {
  const asserts = response.asserts.flatMap(({query, filters, predicate}) => [
    ...inQuery(query),
    ...filters.flatMap(inFilter),
    ...inPredicate(predicate),
  ])
  return [...response.headers.flatMap(inPair), ...asserts, ...inBody(response.body)]
}

function inPair({key, value}: KeyValue): Placeholder[] {
  return [...inTemplate(key), ...inTemplate(value)]
}

function inTemplate(template: Template): Placeholder[] {
  return template.parts.filter((part) => typeof part !== 'string')
}

function inBody(body: Body | undefined): Placeholder[] {
  if (body === undefined || body.kind === 'bytes') return []
  if (body.kind === 'text') return inTemplate(body.template)
  return body.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.placeholder]))
}

function inOption(option: EntryOption): Placeholder[] {
  if (option.kind === 'variable') return inLiteral(option.value)
  return typeof option.value === 'object' ? [option.value] : []
}

function inLiteral(literal: Literal): Placeholder[] {
  if (literal.kind === 'text') return inTemplate(literal.template)
  return literal.kind === 'placeholder' ? [literal.placeholder] : []
}

function inPattern(pattern: Pattern): Placeholder[] {
  return pattern.kind === 'template' ? inTemplate(pattern.template) : []
}

function inQuery(query: Query): Placeholder[] {
  if ('argument' in query) return inTemplate(query.argument)
  if (query.kind === 'cookie') return inTemplate(query.name)
  return query.kind === 'regex' ? inPattern(query.pattern) : []
}

function inFilter(filter: Filter): Placeholder[] {
  if ('argument' in filter) return inTemplate(filter.argument)
  if (filter.kind === 'regex') return inPattern(filter.pattern)
  if (filter.kind === 'replace') return [...inTemplate(filter.from), ...inTemplate(filter.to)]
  return filter.kind === 'replaceRegex' ? [...inPattern(filter.pattern), ...inTemplate(filter.to)] : []
}

function inPredicate({test}: Predicate): Placeholder[] {
  if (test.kind === 'matches') return inPattern(test.pattern)
  return 'expected' in test ? inLiteral(test.expected) : []
}
