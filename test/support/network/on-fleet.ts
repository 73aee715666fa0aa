import {afterAll, afterEach, beforeAll, describe} from '@jest/globals'

import {findEtcd} from '../../../scripts/bootstrap/etcd.mjs'
import {Fleet, type FleetOptions} from './fleet.js'
import {networkMissing} from './hosts.js'

/** Tests that share a fleet. It's there once they run, not while they are declared. */
export function describeOnFleet(
  title: string,
  options: FleetOptions,
  prepare: (fleet: Fleet) => Promise<void>,
  tests: (fleet: () => Fleet) => void,
): void {
  const missing = options.missing ?? fleetMissing()
  const where = missing === undefined ? describe : describe.skip
  where(`${title}${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
    let fleet: Fleet | undefined
    beforeAll(async () => {
      fleet = await Fleet.start(options)
      await prepare(fleet)
    })
    afterEach(() => fleet?.recover())
    afterAll(() => fleet?.stop())
    tests(() => {
      if (fleet === undefined) throw new Error('the fleet did not start')
      return fleet
    })
  })
}

/** Why a fleet can't be had here; undefined when it can. */
export function fleetMissing(): string | undefined {
  if (findEtcd() === undefined) return 'etcd is not installed'
  return networkMissing()
}
