import {YardError} from '../../errors.js'
import {namePattern, printable} from '../names.js'
import {ciSystems, type GivenAnswers} from './answers.js'

/** What `--print-schema` prints: the answers of a service as JSON Schema. */
export const answersJsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Answers of yard generate service',
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: {type: 'string', pattern: namePattern.source, description: 'Name of the service.'},
    owner: {type: 'string', minLength: 1, maxLength: 200, description: 'Who answers for it.'},
    description: {
      type: 'string',
      minLength: 1,
      maxLength: 500,
      description: 'What it is for, in one sentence.',
    },
    ci: {enum: ciSystems, default: 'github', description: 'System that tests each change.'},
    port: {type: 'integer', minimum: 1, maximum: 65_535, description: 'Port in development.'},
  },
} as const

export interface AnswerSources {
  /** The text of an answers file: one JSON object. */
  file?: {path: string; text: string}
  /** `key=value`, as given with `--set`. */
  settings: readonly string[]
  /** Values of flags; undefined where a flag wasn't given. */
  flags: GivenAnswers
}

/**
 * A flag wins over `--set`, that over the file. Values are checked later, all of them in one place.
 * @throws YardError E_USAGE for a file that is no JSON object, or an answer that nobody asked for
 */
export function mergeAnswers({file, settings, flags}: AnswerSources): GivenAnswers {
  const merged: Record<string, unknown> = {}
  const take = (source: string, entries: Iterable<readonly [string, unknown]>) => {
    for (const [key, value] of entries) {
      if (value === undefined) continue
      if (!Object.hasOwn(answersJsonSchema.properties, key)) throw unknownAnswer(source, key)
      merged[key] = value
    }
  }
  if (file !== undefined) take(file.path, Object.entries(parseObject(file)))
  take('--set', settings.map(parseSetting))
  take('the command line', Object.entries(flags))
  return merged
}

function parseObject({path, text}: {path: string; text: string}): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below, in the same words as for JSON that is no object.
  }
  throw new YardError('E_USAGE', {
    what: `Can't use the answers in ${path}`,
    why: 'the file is not one JSON object',
    next: ['yard generate service --print-schema'],
  })
}

function parseSetting(setting: string): [string, unknown] {
  const [, key = '', value = ''] = /^([a-z]+)=([^]*)$/.exec(setting) ?? []
  if (key === '') {
    throw new YardError('E_USAGE', {
      what: `Can't use --set ${printable(setting)}`,
      why: 'it is not of the form key=value',
      next: ['yard generate service billing --set owner=payments --set ci=gitlab'],
    })
  }
  return [key, key === 'port' && /^\d{1,6}$/.test(value) ? Number(value) : value]
}

function unknownAnswer(source: string, key: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't use the answers from ${source}`,
    why: `there is no answer called ${printable(key)}; known are ${Object.keys(answersJsonSchema.properties).join(', ')}`,
    next: ['yard generate service --print-schema'],
  })
}
