import {describe, test} from '@jest/globals'

import {openEtcdStore} from '../../src/adapters/store-etcd/index.js'
import {storeContract} from '../contracts/store.js'
import {etcdMissing, startCluster} from '../support/etcd/cluster.js'

const missing = etcdMissing()

if (missing === undefined) {
  storeContract('the store in etcd (three members)', async () => {
    const cluster = await startCluster()
    let opened = 0
    return {
      open: (settings) => {
        opened += 1
        return openEtcdStore({
          endpoints: cluster.endpoints,
          namespace: `/tests/${settings?.place ?? opened}/`,
          callTimeoutMillis: 20_000,
        })
      },
      passTime: (millis) => new Promise((resolve) => setTimeout(resolve, millis)),
      leaseUnitMillis: 2_000,
      compact: async () => {
        await cluster.compact()
      },
      close: () => cluster.stop(),
    }
  })
} else {
  describe('the store in etcd (three members)', () => {
    test.skip(`keeps the contract (skipped: ${missing})`, () => undefined)
  })
}
