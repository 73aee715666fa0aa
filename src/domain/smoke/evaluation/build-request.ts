import {type EntryOption, type KeyValue, type RequestSyntax} from '../syntax/tree.js'
import {EvaluationFault} from './evaluation-fault.js'
import {literalValue, render, renderJson, type Scope, valueOf} from './render.js'
import {described, type Value} from './value.js'

/** A request with every variable in its place. */
export interface BuiltRequest {
  method: string
  url: URL
  headers: [name: string, value: string][]
  /** `name=value` pairs of the file's own `[Cookies]`. */
  cookies: string[]
  body?: Uint8Array
}

/** What `[Options]` asks for, with Hurl's defaults. */
export interface EntrySettings {
  /** How often to try again; -1 is without end. */
  retries: number
  retryIntervalMillis: number
  delayMillis: number
  followRedirects: boolean
  /** -1 is without end. */
  maxRedirects: number
  skip: boolean
  compressed: boolean
}

/**
 * Reads `[Options]` in order; a variable set there counts from that line on.
 * @throws EvaluationFault
 */
export function settingsOf(
  options: EntryOption[],
  scope: Scope,
  setVariable: (name: string, value: Value) => void,
): EntrySettings {
  const settings: EntrySettings = {
    retries: 0,
    retryIntervalMillis: 1_000,
    delayMillis: 0,
    followRedirects: false,
    maxRedirects: 50,
    skip: false,
    compressed: false,
  }
  for (const option of options) {
    if (option.kind === 'variable') setVariable(option.name, literalValue(option.value, scope))
    else apply(settings, option, scope)
  }
  return settings
}

/** @throws EvaluationFault when a variable is missing or the address is none. */
export function buildRequest(request: RequestSyntax, scope: Scope, settings: EntrySettings): BuiltRequest {
  const headers = request.headers.map((header) => rendered(header, scope)).map(checkedHeader(request))
  const add = (name: string, value: string) => {
    if (!headers.some(([known]) => known.toLowerCase() === name.toLowerCase())) headers.push([name, value])
  }
  if (request.basicAuth !== undefined) {
    const [user, password] = rendered(request.basicAuth, scope)
    add('Authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
  }
  const body = bodyOf(request, scope)
  if (body?.type !== undefined) add('Content-Type', body.type)
  if (settings.compressed) add('Accept-Encoding', 'gzip, deflate, br')
  add('Accept', '*/*')
  add('User-Agent', 'yard-smoke')
  return {
    method: request.method,
    url: urlOf(request, scope),
    headers,
    cookies: request.cookies
      .map((cookie) => rendered(cookie, scope))
      .map(([name, value]) => `${name}=${value}`),
    ...(body === undefined ? {} : {body: body.bytes}),
  }
}

function urlOf(request: RequestSyntax, scope: Scope): URL {
  const spelled = render(request.url, scope)
  const {position} = request.url
  if (!/^https?:\/\//i.test(spelled) || !URL.canParse(spelled))
    throw new EvaluationFault(position, 'an address that starts with http:// or https://', `<${spelled}>`)
  const url = new URL(spelled)
  if (url.username !== '' || url.password !== '')
    throw new EvaluationFault(position, 'the user and password in [BasicAuth]', 'both in the address')
  const pairs = request.query.map((pair) => rendered(pair, scope).map(queryEncoded).join('='))
  if (pairs.length > 0) url.search = [url.search.slice(1), ...pairs].filter((part) => part !== '').join('&')
  url.hash = ''
  return url
}

function bodyOf(request: RequestSyntax, scope: Scope): {bytes: Uint8Array; type?: string} | undefined {
  if (request.form !== undefined) {
    const form = request.form.map((pair) => rendered(pair, scope).map(queryEncoded).join('=')).join('&')
    return {bytes: Buffer.from(form), type: 'application/x-www-form-urlencoded'}
  }
  const {body} = request
  if (body === undefined) return undefined
  if (body.kind === 'bytes') return {bytes: body.bytes}
  if (body.kind === 'json')
    return {bytes: Buffer.from(renderJson(body.parts, scope)), type: 'application/json'}
  const bytes = Buffer.from(render(body.template, scope))
  return body.language === 'json' ? {bytes, type: 'application/json'} : {bytes}
}

function rendered({key, value}: KeyValue, scope: Scope): [string, string] {
  return [render(key, scope), render(value, scope)]
}

/** A variable must not smuggle a second header in, and node refuses such a name or value without saying where it stood. */
function checkedHeader(
  request: RequestSyntax,
): (header: [string, string], index: number) => [string, string] {
  return ([name, value], index) => {
    const position = request.headers[index]?.position ?? request.position
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      throw new EvaluationFault(position, 'the name of a header', `<${name}>`)
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      throw new EvaluationFault(position, 'a header value on one line', `<${value}>`)
    return [name, Buffer.from(value).toString('latin1')]
  }
}

function queryEncoded(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function apply(
  settings: EntrySettings,
  option: Exclude<EntryOption, {kind: 'variable'}>,
  scope: Scope,
): void {
  switch (option.name) {
    case 'location':
      settings.followRedirects = flag(option, scope)
      break
    case 'skip':
      settings.skip = flag(option, scope)
      break
    case 'compressed':
      settings.compressed = flag(option, scope)
      break
    case 'retry':
      settings.retries = count(option, scope)
      break
    case 'max-redirs':
      settings.maxRedirects = count(option, scope)
      break
    case 'retry-interval':
      settings.retryIntervalMillis = count(option, scope)
      break
    case 'delay':
      settings.delayMillis = count(option, scope)
      break
    case 'verbose':
    case 'very-verbose':
      // They change what Hurl prints, never what it does.
      break
  }
}

function flag(option: EntryOption & {kind: 'flag'}, scope: Scope): boolean {
  if (typeof option.value === 'boolean') return option.value
  const value = valueOf(option.value, scope)
  if (value.kind === 'boolean') return value.value
  throw new EvaluationFault(option.position, `true or false for ${option.name}`, described(value))
}

function count(option: EntryOption & {kind: 'count' | 'duration'}, scope: Scope): number {
  if (typeof option.value === 'number') return option.value
  const value = valueOf(option.value, scope)
  if (value.kind === 'integer' && value.value >= (option.kind === 'count' ? -1 : 0)) return value.value
  throw new EvaluationFault(option.position, `a whole number for ${option.name}`, described(value))
}
