/*
 * Real Debian hosts for tests: each boots systemd with sshd, haproxy, journald, sudo, rsync, python3 and the Node.js of
 * this machine, and is as bare as a new machine until a test sets it up. One fleet serves all test files of a jest
 * process, and ends with it. Three hosts are up in about two seconds; a bare one is back in one.
 *
 *   describeOnPracticeFleet('deploys to hosts', {hosts: 3}, (fleet) => {
 *     test('…', async () => {
 *       const [web] = fleet().hosts                  // PracticeHost: fleet-1, its address, its SSH key
 *       await web!.run('systemctl', 'is-active', 'ssh')   // as root, not over SSH; returns stdout
 *       fleet().lendTo(stateDirectory)               // `yard` with this YARD_STATE_DIR logs in to these hosts by itself
 *       fleet().records('practice')                  // records of the environment and its hosts, by their keys
 *       const seen = await web!.sshMark()            // … then web!.sshSince(seen): {connections, commands}
 *       await web!.blackhole()                       // a fault, undone after each test: see faults.ts
 *       await fleet().reset(web!)                    // bare again
 *     })
 *   })
 *
 * Every test file begins with bare hosts. Hosts reach this machine as `fleet().gateway`.
 */
import {afterAll, afterEach, beforeAll, describe} from '@jest/globals'

import {fleetMissing} from './missing.js'
import {sharedFleet, type TestFleet} from './test-fleet.js'

export {type PracticeHost} from './practice-host.js'
export {type TestFleet} from './test-fleet.js'

/** The fleet of this jest process with hosts up to this number, as they were left. Ask `fleetMissing` first. */
export async function practiceFleet({hosts = 3}: {hosts?: number} = {}): Promise<TestFleet> {
  const missing = fleetMissing()
  if (missing !== undefined) throw new Error(missing)
  return sharedFleet(hosts)
}

export interface OnPracticeFleetOptions {
  /** Default 3. */
  hosts?: number
  /** Why what these tests need besides can't be had here. */
  missing?: string | undefined
}

/** Tests on hosts that are bare when the first begins. Faults are undone after each. */
export function describeOnPracticeFleet(
  title: string,
  {hosts = 3, missing}: OnPracticeFleetOptions,
  tests: (fleet: () => TestFleet) => void,
): void {
  const why = fleetMissing() ?? missing
  const where = why === undefined ? describe : describe.skip
  where(`${title}${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
    let fleet: TestFleet | undefined
    beforeAll(async () => {
      fleet = await practiceFleet({hosts})
      await fleet.resetAll()
    })
    afterEach(() => fleet?.recover())
    afterAll(() => fleet?.recover())
    tests(() => {
      if (fleet === undefined) throw new Error('the practice fleet did not start')
      return fleet
    })
  })
}
