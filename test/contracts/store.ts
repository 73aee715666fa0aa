import {afterAll, afterEach, beforeAll, describe} from '@jest/globals'

import {type Store} from '../../src/contracts/store.js'
import {storeEntryContract} from './store-entries.js'
import {storeHistoryContract} from './store-history.js'
import {storeLeaseContract} from './store-leases.js'
import {storeTransactionContract} from './store-transactions.js'

/**
 * What the suite needs of a store to try it: one harness for all tests of a file. Nothing is expected of revisions but
 * that they grow: the store may share a cluster, and so its revisions, with others (each `open` in a namespace of its
 * own). What is promised beyond this by a store that has its revisions for itself is in `store-alone.ts`.
 */
export interface StoreHarness {
  /**
   * Opens a new, empty store. Another `open` with the same `place` gives a second handle to that same store, which
   * another program might hold; a store inside one program may give the same object again. Closed by the suite.
   */
  open(settings?: {place?: string}): Promise<Store>
  /**
   * Lets this much time pass for leases: on a manual clock, or really. A lease that should be gone by then may still
   * take a moment; the tests look again until it is.
   */
  passTime(millis: number): Promise<void>
  /**
   * Tests use leases of once or twice this long, and the store must tell half of it from the whole: 2_000 where leases
   * are whole seconds and the clock is real (no test takes longer than twice this), anything on a manual clock.
   */
  readonly leaseUnitMillis: number
  /** Forgets the history up to the present revision. */
  compact(store: Store): Promise<void>
  /** Called after all tests, and after all stores are closed. */
  close?(): Promise<void>
}

/** What every store promises; its parts are in the files `store-*.ts` beside this one. */
export function storeContract(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(name, () => {
    let harness: StoreHarness
    const opened: Store[] = []
    const tried: StoreHarness = {
      open: async (settings) => {
        const store = await harness.open(settings)
        opened.push(store)
        return store
      },
      passTime: (millis) => harness.passTime(millis),
      get leaseUnitMillis() {
        return harness.leaseUnitMillis
      },
      compact: (store) => harness.compact(store),
    }

    beforeAll(async () => {
      harness = await makeHarness()
    })
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })
    afterAll(() => harness.close?.())

    describe('keeps entries', () => storeEntryContract(tried))
    describe('compares and swaps', () => storeTransactionContract(tried))
    describe('tells its history', () => storeHistoryContract(tried))
    describe('keeps leases', () => storeLeaseContract(tried))
  })
}
