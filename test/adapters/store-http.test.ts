import {openHttpStore} from '../../src/adapters/store-http/index.js'
import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {type Store} from '../../src/contracts/store.js'
import {type CatalogServer} from '../../src/server/catalog-server.js'
import {storeContract} from '../contracts/store.js'
import {serveToAll} from '../server/serving.js'

interface Place {
  behind: MemoryStore
  server: CatalogServer
  url: string
}

storeContract('the store over HTTP', async () => {
  let millis = 0
  const places: Place[] = []
  const byName = new Map<string, Promise<Place>>()
  const behindOf = new Map<Store, MemoryStore>()

  const make = async (): Promise<Place> => {
    const behind = new MemoryStore({now: () => millis})
    const place = {behind, ...(await serveToAll(behind))}
    places.push(place)
    return place
  }
  const named = (name: string) => {
    const found = byName.get(name) ?? make()
    byName.set(name, found)
    return found
  }

  return {
    open: async ({place} = {}) => {
      const {behind, url} = await (place === undefined ? make() : named(place))
      const store = await openHttpStore({url})
      behindOf.set(store, behind)
      return store
    },
    passTime: async (passed) => {
      millis += passed
    },
    leaseUnitMillis: 1_000,
    compact: async (store) => behindOf.get(store)?.compact(),
    close: async () => {
      await Promise.all(
        places.map(async ({behind, server}) => {
          await server.drain(0)
          await behind.close()
        }),
      )
    },
  }
})
