import {setTimeout as sleep} from 'node:timers/promises'

import {Slots} from './slots.js'

/** An sshd, and this machine, have enough to do with so many logins at a time. */
const startsAtOnce = 30
/** One sshd lets ten at a time begin to log in (`MaxStartups`) unless it was told otherwise. */
const startsThroughOneJump = 8
const firstPauseMillis = 100
const longestPauseMillis = 3_000

/** Of this program, over all machines. */
const starts = new Slots(startsAtOnce)
const jumps = new Map<string, Slots>()

/** A connection that ended before the other side said anything: an sshd with too many at once drops some by chance. */
export class Dropped extends Error {}

export interface StartOptions<T> {
  start: () => Promise<T>
  /** What the connection goes through, if it isn't the machine itself. */
  through: string | undefined
  /** How long a dropped connection is tried again. */
  patienceMillis: number
  isWanted: () => boolean
}

/** Begins a connection when it's its turn, and again after a while when it was dropped. @throws what `start` throws */
export async function startInTurn<T>({
  isWanted,
  patienceMillis,
  start,
  through,
}: StartOptions<T>): Promise<T> {
  let pauseMillis = firstPauseMillis
  let givesUpAt: number | undefined
  for (;;) {
    try {
      return await inTurn(through, () => {
        givesUpAt ??= performance.now() + patienceMillis
        return start()
      })
    } catch (error) {
      // By chance again, or else those that were dropped together would come back together.
      const pause = pauseMillis * (0.5 + Math.random())
      const isLate = performance.now() + pause > (givesUpAt ?? 0)
      if (!(error instanceof Dropped) || isLate) throw error
      await sleep(pause)
      if (!isWanted()) throw error
      pauseMillis = Math.min(2 * pauseMillis, longestPauseMillis)
    }
  }
}

function inTurn<T>(through: string | undefined, start: () => Promise<T>): Promise<T> {
  const begin = () => starts.use(start)
  if (through === undefined) return begin()
  const slots = jumps.get(through) ?? new Slots(startsThroughOneJump)
  jumps.set(through, slots)
  return slots.use(begin)
}
