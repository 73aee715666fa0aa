import {type SmokePosition} from '../position.js'
import {EvaluationFault} from './evaluation-fault.js'
import {guardLargeIntegers, type JsonValue} from './value.js'

/** A response, whoever received it. */
export interface Answer {
  status: number
  /** As `1.1`. */
  version: string
  /** Names in the server's spelling, repeats kept. */
  headers: [name: string, value: string][]
  /** Decoded by `content-encoding`. */
  body: Uint8Array
  millis: number
  /** Where it came from, after redirects. */
  url: string
}

export function headerValues(headers: readonly [string, string][], name: string): string[] {
  const wanted = name.toLowerCase()
  return headers.filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value)
}

/** The body as text in the character set that the response names, UTF-8 without one. @throws EvaluationFault */
export function bodyText(answer: Answer, position: SmokePosition): string {
  const [type = ''] = headerValues(answer.headers, 'content-type')
  const charset = /;\s*charset="?([^\s;"]+)/i.exec(type)?.[1] ?? 'utf-8'
  return decodeText(answer.body, charset, position)
}

/** @throws EvaluationFault when the bytes aren't text in that character set. */
export function decodeText(bytes: Uint8Array, charset: string, position: SmokePosition): string {
  const decoder = decoderFor(charset)
  if (decoder === undefined)
    throw new EvaluationFault(position, 'text in a known character set', `character set <${charset}>`)
  try {
    return decoder.decode(bytes)
  } catch {
    throw new EvaluationFault(position, `text in ${charset}`, `${bytes.length} bytes that aren't`)
  }
}

/** @throws EvaluationFault */
export function parseJson(json: string, position: SmokePosition): JsonValue {
  try {
    return JSON.parse(guardLargeIntegers(json)) as JsonValue
  } catch {
    const start = json.trim().slice(0, 60)
    throw new EvaluationFault(
      position,
      'JSON',
      start === '' ? 'an empty text' : `text that starts with <${start}>`,
    )
  }
}

function decoderFor(charset: string): {decode(bytes: Uint8Array): string} | undefined {
  try {
    return new TextDecoder(charset, {fatal: true, ignoreBOM: true})
  } catch {
    return undefined
  }
}
