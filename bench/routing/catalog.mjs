// A catalog in etcd, filled with a platform.
import {openStoreAt} from '../catalog/library.mjs'

/** Starts one etcd member and writes the records; `put` resolves once they are committed, with the revision. */
export async function startCatalog(library, records) {
  const cluster = await library.startCluster({members: 1})
  try {
    const store = await openStoreAt(library, cluster.url)
    const put = async (some) => {
      const writes = some.map(([key, record]) => ({put: key, value: JSON.stringify(record)}))
      return store.transact([], writes)
    }
    for (let first = 0; first < records.length; first += 128) await put(records.slice(first, first + 128))
    return {
      url: cluster.url,
      endpoint: cluster.endpoints[0],
      cluster,
      store,
      put,
      async remove(removedKeys) {
        await store.transact(
          [],
          removedKeys.map((key) => ({delete: key})),
        )
      },
      async stop() {
        await store.close()
        await cluster.stop()
      },
    }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}
