import {type Hook} from '@oclif/core'
import {distance} from 'fastest-levenshtein'

import {printable} from '../domain/names.js'
import {YardError} from '../errors.js'

/** Says which command was probably meant. */
const commandNotFound: Hook<'command_not_found'> = async ({argv, config, id}) => {
  const words = [id.replaceAll(':', ' '), ...(argv ?? []).filter((word) => /^[a-z-]+$/.test(word))]
  const typed = words.slice(0, 2).join(' ')
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '))
  const nearest = nearestOf(typed, known) ?? nearestOf(words[0] ?? '', known)
  throw new YardError('E_COMMAND_UNKNOWN', {
    what: `There's no command ${printable(typed)}`,
    why: nearest === undefined ? 'nothing close to it exists' : `did you mean ${nearest}?`,
    next: nearest === undefined ? ['yard --help'] : [`yard ${nearest}`, 'yard --help'],
  })
}

export default commandNotFound

function nearestOf(typed: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((command) => ({command, edits: distance(typed, command)}))
    .sort((one, other) => one.edits - other.edits)
  const best = ranked[0]
  return best !== undefined && best.edits <= Math.max(2, typed.length / 3) ? best.command : undefined
}
