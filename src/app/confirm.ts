import {Flags} from '@oclif/core'

import {findEnvironment} from '../catalog/find.js'
import {YardError} from '../errors.js'
import {askLine} from '../terminal/prompts.js'
import {isInteractive} from './terminal-settings.js'
import {type Yard} from './yard.js'

export const yesFlag = Flags.boolean({
  char: 'y',
  default: false,
  summary: 'confirm beforehand; nothing is asked',
})

export interface Confirmation {
  /** Follows "Can't": `break the lock of billing`. */
  purpose: string
  /** What happens, in one sentence, shown above the question. */
  consequence: string
  /** What must be typed. */
  name: string
  /** `--yes` was given. */
  isConfirmed: boolean
}

/**
 * Returns once a person typed the name, or at once with `--yes`.
 * @throws YardError E_NOT_CONFIRMED; off a terminal nothing is ever asked.
 */
export async function confirm({consequence, isConfirmed, name, purpose}: Confirmation): Promise<void> {
  if (isConfirmed) return
  if (!isInteractive()) throw notConfirmed(purpose, `${consequence}, and nobody can be asked here`)
  const typed = await askLine(`${consequence}. Type ${name} to go on:`)
  if (typed.trim() !== name) throw notConfirmed(purpose, `${name} was not typed`)
}

export interface ProtectedChange {
  environment: string
  purpose: string
  isConfirmed: boolean
}

/**
 * Returns at once for an environment that isn't protected, or doesn't exist: then the change itself says so.
 * @throws YardError E_NOT_CONFIRMED
 */
export async function confirmProtected(yard: Yard, change: ProtectedChange): Promise<void> {
  const {environment: name, isConfirmed, purpose} = change
  if (isConfirmed) return
  const environment = await findEnvironment(await yard.catalog(), name)
  if (environment.protected !== true) return
  await confirm({purpose, consequence: `${name} is a protected environment`, name, isConfirmed})
}

function notConfirmed(purpose: string, why: string): YardError {
  return new YardError('E_NOT_CONFIRMED', {
    what: `Can't ${purpose} without a confirmation`,
    why,
    next: ['run the command again with --yes'],
  })
}
