import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeAll, beforeEach, expect, test} from '@jest/globals'

import {checkSqliteStore, openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {type Store, type WatchBatch} from '../../src/contracts/store.js'
import {put} from '../contracts/store.js'
import {buildWorker, startWorker, type Worker} from './store-sqlite-workers.js'

const patienceMillis = 120_000

let directory: string
let file: string
let workers: Worker[]
let stores: Store[]

beforeAll(() => buildWorker())

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'yard-processes-'))
  file = path.join(directory, 'state', 'catalog.db')
  workers = []
  stores = []
})

afterEach(async () => {
  for (const {child} of workers) child.kill('SIGKILL')
  await Promise.all(workers.map(({ended}) => ended))
  for (const store of stores) await store.close()
  rmSync(directory, {recursive: true, force: true})
})

function start(...args: string[]): Worker {
  const worker = startWorker(args)
  workers.push(worker)
  return worker
}

async function open(): Promise<Store> {
  const store = await openSqliteStore({file})
  stores.push(store)
  return store
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + patienceMillis
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test(
  'eight programs that count at once, on a file none of them finds, lose no step',
  async () => {
    const counters = Array.from({length: 8}, () => start('increment', file, '200'))
    for (const {ended} of counters) expect(await ended).toEqual({code: 0, output: ''})

    expect(await (await open()).get('/count')).toMatchObject({value: '1600', modRevision: 1600})
  },
  patienceMillis,
)

test(
  'fifty programs that reserve at once get the fifty ports of a range',
  async () => {
    const reservers = Array.from({length: 50}, () => start('reserve', file, '50'))
    const ends = await Promise.all(reservers.map(({ended}) => ended))

    expect(ends.map(({code}) => code)).toEqual(ends.map(() => 0))
    expect(new Set(ends.map(({output}) => Number(output))).size).toBe(50)
  },
  patienceMillis,
)

test(
  'whatever was acknowledged before a kill is there after it, and the file is sound',
  async () => {
    let next = 1
    for (let round = 0; round < 20; round++) {
      const writer = start('write', file, String(next))
      const wanted = 1 + Math.floor(Math.random() * 40)
      await until(() => writer.output().split('\n').length > wanted)
      writer.child.kill('SIGKILL')
      const {output} = await writer.ended
      const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1))

      const store = await open()
      const last = Number((await store.get('/last'))?.value)
      const each = (await store.get(`/each/${last % 50}`))?.modRevision
      expect(last).toBeGreaterThanOrEqual(acknowledged)
      expect(last).toBeLessThanOrEqual(acknowledged + 1)
      expect(each).toBe((await store.get('/last'))?.modRevision)
      await store.close()
      expect((await checkSqliteStore(file)).problems).toEqual([])
      next = last + 1
    }
  },
  patienceMillis,
)

test(
  'a watch hears another program, every revision once and in order',
  async () => {
    const store = await open()
    const heard: number[] = []
    const follow = async (batches: AsyncIterable<WatchBatch>) => {
      for await (const batch of batches) {
        heard.push(batch.revision)
        if (batch.revision === 300) return
      }
    }
    const following = follow(store.watch('/count', 0, new AbortController().signal))
    const counter = start('increment', file, '300')
    await following
    await counter.ended

    expect(heard).toEqual(Array.from({length: 300}, (_, index) => index + 1))
  },
  patienceMillis,
)

test('a second handle in one program sees what the first one wrote, at once', async () => {
  const [first, second] = [await open(), await open()]
  await put(first, '/a', 'one')

  expect((await second.get('/a'))?.value).toBe('one')
})

test('a writer that holds the file for long only delays others', async () => {
  const store = await open()
  await put(store, '/a', '')
  const {loadSqlite} = await import('../../src/adapters/store-sqlite/driver.js')
  const {DatabaseSync} = await loadSqlite()
  const holder = new DatabaseSync(file)
  holder.exec('BEGIN IMMEDIATE')
  setTimeout(() => holder.exec('COMMIT'), 1_500)

  expect(await put(store, '/a', 'later')).toBe(2)
  holder.close()
})
