import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {storeContract} from '../contracts/store.js'

storeContract('the store in memory', async (settings) => new MemoryStore(settings))
