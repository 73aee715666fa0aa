// A program of its own that uses one catalog together with others: `catalog-worker TASK URL [ARGUMENT...]`.
import {hostname} from 'node:os'
import {createInterface} from 'node:readline'
import {setTimeout as sleep} from 'node:timers/promises'

import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {catalogAccess} from '../../src/app/catalog-access.js'
import {parseCatalogUrl} from '../../src/app/catalog-url.js'
import {openStore} from '../../src/app/open-catalog.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {absent, unchanged} from '../../src/catalog/collection.js'
import {keys} from '../../src/catalog/keys.js'
import {acquireLock, type HeldLock} from '../../src/catalog/locks.js'
import {reservePort} from '../../src/catalog/ports.js'
import {YardError} from '../../src/errors.js'
import {increment, put} from '../contracts/store-actions.js'

const [task = '', url = '', ...args] = process.argv.slice(2)
const first = Number(args[0] ?? '1')

/** Resolves once it's out of this program, so that a kill takes back nothing that was said. */
function say(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${text}\n`, () => {
      resolve()
    })
  })
}

/** Registers, reserves a port and sets a shared value, as 50 people might at once. */
async function compete(catalog: Catalog): Promise<void> {
  const isFirst = await register(catalog, 'wanted-by-all')
  const isNew = await register(catalog, `service-${process.pid}`)
  const port = await reservePort(catalog, {
    environment: 'local',
    host: 'localhost',
    owner: `worker-${process.pid}`,
    isFree: async () => true,
    range: {first: 30_000, last: 30_000 + first - 1},
  })
  for (let round = 0; round < 3; round++) await countUp(catalog)
  await say(JSON.stringify({isFirst, isNew, port}))
}

async function register(catalog: Catalog, name: string): Promise<boolean> {
  const key = keys.service(name)
  const now = new Date().toISOString()
  const record = catalog.services.put(key, {
    v: 1,
    name,
    owner: `worker-${process.pid}`,
    description: 'tried by many at once',
    processes: {web: 'node server.js'},
    health: {path: '/healthz', timeoutMillis: 1_000, stableMillis: 0},
    routes: [],
    registeredAt: now,
    updatedAt: now,
  })
  return (await catalog.attempt([absent(key)], [record])) !== false
}

/** Sets a value that says how often it was set. */
async function countUp(catalog: Catalog): Promise<void> {
  const key = keys.configValue('local', undefined, 'COUNT')
  for (;;) {
    const stored = await catalog.config.get(key)
    const before = stored?.record.content.kind === 'plain' ? Number(stored.record.content.value) : 0
    const write = catalog.config.put(key, {
      v: 1,
      name: 'COUNT',
      environment: 'local',
      content: {kind: 'plain', value: String(before + 1)},
      setBy: `worker-${process.pid}`,
      setAt: new Date().toISOString(),
    })
    if ((await catalog.attempt([unchanged(key, stored)], [write])) !== false) return
  }
}

/** Says each number once it's acknowledged, until somebody kills it. */
async function write({store}: Catalog): Promise<void> {
  const [, name = ''] = args
  for (let number = first; ; number++) {
    await store.transact(
      [],
      [
        {put: `/last/${name}`, value: String(number)},
        {put: `/each/${name}/${number % 50}`, value: 'x'.repeat(2_000)},
      ],
    )
    await say(String(number))
  }
}

/** Takes a lock as soon as it's free, then writes each line it's told, guarded by the lock. */
async function hold(catalog: Catalog): Promise<void> {
  const lock = await takeLock(catalog)
  lock.lost.addEventListener('abort', () => void say('lost'))
  await say('held')
  for await (const line of createInterface({input: process.stdin})) {
    const written = await catalog.attempt([lock.fence], [{put: '/guarded', value: line}])
    await say(`${line} ${written === false ? 'refused' : 'written'}`)
  }
}

async function takeLock(catalog: Catalog): Promise<HeldLock> {
  const identity = {
    holder: `worker-${process.pid}`,
    host: hostname(),
    pid: process.pid,
    processStartedAt: '1',
    isAlive: () => true,
  }
  const request = {name: 'deploy/local/billing', purpose: 'try the lock', ttlMillis: first}
  for (;;) {
    try {
      return await acquireLock(catalog, new SystemClock(), identity, request)
    } catch (error) {
      if (!(error instanceof YardError) || error.code !== 'E_LOCKED') throw error
    }
    await sleep(20)
  }
}

async function countTo({store}: Catalog): Promise<void> {
  for (let done = 0; done < first; done++) await increment(store, '/count')
}

async function read({store}: Catalog): Promise<void> {
  await say(JSON.stringify((await store.range('')).entries.map(({key}) => key)))
  await say(JSON.stringify(await store.health()))
}

async function use({store}: Catalog): Promise<void> {
  await store.get('/a')
  await put(store, '/a', 'x')
}

const tasks: Record<string, (catalog: Catalog) => Promise<void>> = {
  compete,
  write,
  hold,
  'count-to': countTo,
  read,
  use,
}

try {
  const store = await openStore(
    parseCatalogUrl(url),
    async () => catalogAccess(process.env, undefined),
    () => undefined,
  )
  await tasks[task]?.(new Catalog(store))
  await store.close()
} catch (error) {
  const {code, why, next} = error instanceof YardError ? error : {code: 'BUG', why: String(error), next: []}
  await say(JSON.stringify({code, why, next}))
  process.exitCode = 1
}
