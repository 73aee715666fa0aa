import {isName, printable} from '../../domain/names.js'
import {mostInstances} from '../../domain/scale.js'
import {YardError} from '../../errors.js'

export interface ScaleWords {
  /** Undefined for the one whose directory this is. */
  service: string | undefined
  /** How many instances of each process; empty to be shown the present ones. */
  processes: Record<string, number>
}

/**
 * Reads `web=3 worker=0`, with the name of a service anywhere among them.
 * @throws YardError E_USAGE
 */
export function parseScaleWords(words: readonly string[]): ScaleWords {
  const services = words.filter((word) => !word.includes('='))
  const [service, second] = services
  if (second !== undefined) throw notUnderstood(second, 'one service is scaled at a time')
  const counts = new Map<string, number>()
  for (const word of words) {
    if (word === service) continue
    const [, process = '', count = ''] = /^([^=]*)=([\s\S]*)$/.exec(word) ?? []
    if (!isName(process)) throw notUnderstood(word, 'what stands before = is not the name of a process')
    if (counts.has(process)) throw notUnderstood(word, `${process} is given twice`)
    if (!/^\d{1,4}$/.test(count) || Number(count) > mostInstances) {
      throw notUnderstood(word, `what stands after = is not a number from 0 to ${mostInstances}`)
    }
    counts.set(process, Number(count))
  }
  return {service, processes: Object.fromEntries(counts)}
}

function notUnderstood(word: string, why: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't scale by ${printable(word)}`,
    why,
    next: ['yard scale web=3 worker=1', 'yard scale billing web=3 --env staging'],
  })
}
