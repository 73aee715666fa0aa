import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {type Store, type WatchBatch} from '../../src/contracts/store.js'
import {put} from '../contracts/store-actions.js'
import {catalogWorkers} from '../support/run-together.js'

const patienceMillis = 120_000

let directory: string
let file: string
let stores: Store[]

const start = catalogWorkers()

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'yard-processes-'))
  file = path.join(directory, 'state', 'catalog.db')
  stores = []
})

afterEach(async () => {
  for (const store of stores) await store.close()
  rmSync(directory, {recursive: true, force: true})
})

async function open(): Promise<Store> {
  const store = await openSqliteStore({file})
  stores.push(store)
  return store
}

test(
  'eight programs that count at once, on a file none of them finds, lose no step',
  async () => {
    const counters = Array.from({length: 8}, () => start(['count-to', `sqlite:${file}`, '200']))
    for (const {ended} of counters) expect(await ended).toEqual({code: 0, output: ''})

    expect(await (await open()).get('/count')).toMatchObject({value: '1600', modRevision: 1600})
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
    const counter = start(['count-to', `sqlite:${file}`, '300'])
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
