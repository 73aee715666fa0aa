import {setTimeout as sleep} from 'node:timers/promises'

import {type StopOutcome} from '../../contracts/process-manager.js'
import {groupMembers, type ProcessIdentity, signalGroup} from './process-table.js'

const pollMillis = 20
/** What is not gone so long after SIGKILL hangs inside the system; waiting longer helps nobody. */
const patienceAfterKillMillis = 30_000

/**
 * SIGTERM to the group, SIGKILL once the time is over, until nothing of it is left. The time is asked for again
 * and again, so that a later request can shorten it.
 */
export async function endGroup(leader: ProcessIdentity, killAt: () => number): Promise<StopOutcome> {
  if (!signalGroup(leader, 'SIGTERM')) return 'not-running'
  // A stopped process takes SIGTERM only once it is continued.
  signalGroup(leader, 'SIGCONT')
  let killedAt: number | undefined
  while (groupMembers(leader).length > 0) {
    const now = Date.now()
    if (killedAt !== undefined && now - killedAt > patienceAfterKillMillis) break
    if (now >= killAt()) {
      signalGroup(leader, 'SIGKILL')
      killedAt ??= now
    }
    await sleep(pollMillis)
  }
  return killedAt === undefined ? 'terminated' : 'killed'
}
