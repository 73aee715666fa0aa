import {createHash} from 'node:crypto'

import {descendants, isOfRoot, processNamespace, type ProcessRow} from './process-rows.js'

/**
 * Processes of a fleet are told by a word among their arguments, so that nothing has to be written down that a killed
 * program might not get to write: `holding` has namespaces and a disk that are whole, `making` is on its way there,
 * `power` has the host run.
 */
export type Stage = 'making' | 'holding' | 'power'

/** What tells the fleets of one machine apart: 8 characters, so that the name of a network interface has room for it. */
export function fleetId(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 8)
}

export function mark(id: string, part: string, stage: Stage): string {
  return `yard-fleet:${id}:${part}:${stage}`
}

/**
 * The processes of a fleet, or of one part of it, with those that wrap them. Anybody can give a process such a word, and
 * root enters the namespaces of these: only those of root are believed.
 */
export function markedRows(rows: readonly ProcessRow[], id: string, part?: string): ProcessRow[] {
  const prefix = `yard-fleet:${id}:${part === undefined ? '' : `${part}:`}`
  return rows.filter(({args, pid}) => args.some((word) => word.startsWith(prefix)) && isOfRoot(pid))
}

/** The names of the parts of which a process lives. */
export function markedParts(rows: readonly ProcessRow[], id: string): Set<string> {
  const words = markedRows(rows, id).flatMap(({args}) => args)
  const parts = words.map((word) => new RegExp(`^yard-fleet:${id}:([^:]+):`).exec(word)?.[1])
  return new Set(parts.filter((part) => part !== undefined))
}

/** The process that holds the namespaces of a part. */
export function holderOf(rows: readonly ProcessRow[], id: string, part: string): number | undefined {
  return shellOf(rows, id, part, 'holding')
}

/** The process that starts a host again when it reboots. */
export function powerOf(rows: readonly ProcessRow[], id: string, part: string): number | undefined {
  return shellOf(rows, id, part, 'power')
}

/** The first process of the host itself: the one whose namespace is neither this machine's nor the holder's. */
export function leaderOf(rows: readonly ProcessRow[], id: string, part: string): number | undefined {
  const power = powerOf(rows, id, part)
  if (power === undefined) return undefined
  const around = processNamespace(power)
  return descendants(rows, power).find(({pid}) => {
    const own = processNamespace(pid)
    return own !== undefined && own !== around
  })?.pid
}

/** Of the processes with this word, the one that isn't only there to wait for another: the shell. */
function shellOf(rows: readonly ProcessRow[], id: string, part: string, stage: Stage): number | undefined {
  const word = mark(id, part, stage)
  return markedRows(rows, id, part).find(({args}) => args[0] === 'sh' && args[3] === word)?.pid
}
