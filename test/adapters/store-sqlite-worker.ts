// A program of its own that uses one catalog file together with others: `worker.ts TASK FILE [COUNT]`.
import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {reservePort} from '../../src/catalog/ports.js'
import {type Store} from '../../src/contracts/store.js'
import {YardError} from '../../src/errors.js'

const [task = '', file = '', count = '1'] = process.argv.slice(2)

async function increment(store: Store): Promise<void> {
  for (let done = 0; done < Number(count);) {
    const entry = await store.get('/count')
    const {succeeded} = await store.transact(
      [{key: '/count', target: 'modified', revision: entry?.modRevision ?? 0}],
      [{put: '/count', value: String(Number(entry?.value ?? 0) + 1)}],
    )
    if (succeeded) done += 1
  }
}

async function reserve(store: Store): Promise<void> {
  const port = await reservePort(new Catalog(store), {
    environment: 'local',
    host: 'localhost',
    owner: `worker-${process.pid}`,
    isFree: async () => true,
    range: {first: 30_000, last: 30_000 + Number(count) - 1},
  })
  process.stdout.write(`${port}\n`)
}

/** Says each number once it's acknowledged, until somebody kills it. */
async function write(store: Store): Promise<void> {
  for (let number = Number(count); ; number++) {
    await store.transact(
      [],
      [
        {put: '/last', value: String(number)},
        {put: `/each/${number % 50}`, value: 'x'.repeat(2_000)},
      ],
    )
    process.stdout.write(`${number}\n`)
  }
}

async function open(store: Store): Promise<void> {
  await store.get('/a')
  await store.transact([], [{put: '/a', value: 'x'}])
}

const tasks: Record<string, (store: Store) => Promise<void>> = {increment, reserve, write, open}

try {
  const store = await openSqliteStore({file})
  await tasks[task]?.(store)
  await store.close()
} catch (error) {
  const {code, why} = error instanceof YardError ? error : {code: 'BUG', why: String(error)}
  process.stdout.write(`${JSON.stringify({code, why})}\n`)
  process.exitCode = 1
}
