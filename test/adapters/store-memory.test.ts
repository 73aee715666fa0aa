import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {storeAloneContract} from '../contracts/store-alone.js'
import {storeContract} from '../contracts/store.js'

storeContract('the store in memory', async () => {
  let now = 0
  const places = new Map<string, MemoryStore>()
  return {
    open: async ({place} = {}) => {
      const store = places.get(place ?? '') ?? new MemoryStore({now: () => now})
      if (place !== undefined) places.set(place, store)
      return store
    },
    passTime: async (millis) => void (now += millis),
    leaseUnitMillis: 10_000,
    compact: async (store) => {
      if (store instanceof MemoryStore) store.compact()
    },
  }
})

storeAloneContract('the store in memory', async (settings) => new MemoryStore(settings))
