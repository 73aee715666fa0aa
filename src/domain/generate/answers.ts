import * as v from 'valibot'

import {YardError} from '../../errors.js'
import {namePattern} from '../names.js'
import {check, port, prose} from '../schema.js'
import {parseNewServiceName} from './reserved-names.js'

export const ciSystems = ['github', 'gitlab', 'jenkins', 'none'] as const
export type CiSystem = (typeof ciSystems)[number]

/** A lone half of a character can't be written to a file and read back. */
const answer = (maxLength: number) =>
  v.pipe(prose(maxLength), v.check(isWellFormed, 'must be well-formed Unicode'))

const answersSchema = v.strictObject({
  name: v.string(),
  owner: answer(200),
  description: answer(500),
  ci: v.picklist(ciSystems, `must be one of ${ciSystems.join(', ')}`),
  port,
})

/** What a template is filled in with. */
export type Answers = v.InferOutput<typeof answersSchema>

/** As they came from outside: not checked, some missing. */
export type GivenAnswers = {[Key in keyof Answers]?: unknown}

/**
 * Checks what was given and fills in the rest.
 * @throws YardError E_NAME_INVALID, E_USAGE naming every wrong answer
 */
export function completeAnswers(given: GivenAnswers, defaultOwner: string): Answers {
  const name = nameOf(given)
  const checked = check(answersSchema, {
    name,
    owner: given.owner ?? defaultOwner,
    description: given.description ?? `The ${name} service`,
    ci: given.ci ?? 'github',
    port: given.port ?? developmentPort(name),
  })
  if (checked.ok) return checked.value
  const wrong = checked.problems.map(({path, message}) => {
    const field = String(path[0])
    return `--${field} ${field === 'port' ? 'must be a port number from 1 to 65535' : message}`
  })
  throw new YardError('E_USAGE', {
    what: `Can't generate ${name}`,
    why: wrong.join('; '),
    next: ['yard generate service --help'],
    details: {problems: checked.problems},
  })
}

/** @throws YardError E_NAME_INVALID, E_USAGE when there is none */
export function nameOf(given: GivenAnswers): string {
  if (given.name !== undefined) return parseNewServiceName(typeof given.name === 'string' ? given.name : '')
  throw new YardError('E_USAGE', {
    what: "Can't generate a service",
    why: 'no name was given',
    next: [
      'yard generate service billing --owner payments --description "Sends invoices"',
      'yard generate service --help',
    ],
    details: {missing: [{argument: 'name', pattern: namePattern.source}]},
  })
}

/** A port from 3000 to 3999 that follows from the name, so that two services on a laptop seldom meet. */
export function developmentPort(name: string): number {
  let hash = 0
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % 1_000
  return 3_000 + hash
}

function isWellFormed(value: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value)
}
