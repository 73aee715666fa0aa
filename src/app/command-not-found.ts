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
  const complete = known
    .filter((command) => typed.startsWith(`${command} `))
    .sort((one, other) => other.length - one.length)[0]
  if (complete !== undefined && (nearest === undefined || complete.startsWith(nearest)))
    throw tooManyWords(complete, typed)
  const topic = typed.split(' ')[0] ?? ''
  const help = known.some((command) => command.startsWith(`${topic} `))
    ? `yard ${topic} --help`
    : 'yard --help'
  throw new YardError('E_COMMAND_UNKNOWN', {
    what: `There's no command ${printable(typed)}`,
    why: nearest === undefined ? 'nothing close to it exists' : `did you mean ${nearest}?`,
    next: nearest === undefined ? [help] : [`yard ${nearest}`, help],
  })
}

export default commandNotFound

/** The command is there, and takes no such word. */
function tooManyWords(command: string, typed: string): YardError {
  return new YardError('E_USAGE', {
    what: "Can't run this command line",
    why: `yard ${command} takes no ${printable(typed.slice(command.length + 1))} after it`,
    next: [`yard ${command} --help`],
  })
}

function nearestOf(typed: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((command) => ({command, edits: distance(typed, command)}))
    .sort((one, other) => one.edits - other.edits)
  const best = ranked[0]
  return best !== undefined && best.edits <= allowedEdits(typed) ? best.command : undefined
}

/** Two edits make any two letters into any command of two letters. */
function allowedEdits(typed: string): number {
  return typed.length < 3 ? 0 : Math.max(2, typed.length / 3)
}
