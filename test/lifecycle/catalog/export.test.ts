import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {openSqliteStore} from '../../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {type Store} from '../../../src/contracts/store.js'
import {exportCatalog} from '../../../src/lifecycle/catalog/export.js'
import {importCatalog} from '../../../src/lifecycle/catalog/import.js'
import {exportText} from '../../../src/terminal/catalog-view.js'
import {fillCatalog} from '../../fakes/full-catalog.js'
import {aService} from '../../fakes/records.js'

let directory: string
let stores: Store[]
let events: YardEvent[]

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'yard-export-'))
  stores = []
  events = []
})

afterEach(async () => {
  for (const store of stores) await store.close()
  rmSync(directory, {recursive: true, force: true})
})

async function sqlite(name: string): Promise<Catalog> {
  const store = await openSqliteStore({file: path.join(directory, name)})
  stores.push(store)
  return new Catalog(store)
}

async function textOf(catalog: Catalog): Promise<string> {
  return exportText(await exportCatalog({catalog, report: (event) => void events.push(event)}))
}

async function importInto(catalog: Catalog, text: string): Promise<void> {
  const needs = {
    catalog,
    report: () => undefined,
    signal: new AbortController().signal,
    confirm: async () => undefined,
  }
  await importCatalog(needs, {file: '-', text, prune: false, dryRun: false})
}

describe('an export', () => {
  test('is the same bytes from SQLite, from memory, and from SQLite again', async () => {
    const first = await sqlite('first.db')
    await fillCatalog(first)
    const text = await textOf(first)
    const memory = new Catalog(new MemoryStore())
    const second = await sqlite('second.db')

    await importInto(memory, text)
    await importInto(second, await textOf(memory))

    expect(await textOf(memory)).toBe(text)
    expect(await textOf(second)).toBe(text)
    expect(events).toEqual([])
  })

  test('has every kind but those that belong to their store', async () => {
    const catalog = new Catalog(new MemoryStore())
    await fillCatalog(catalog)
    const text = await textOf(catalog)

    for (const key of [
      keys.service('hello'),
      keys.binding('staging', 'hello'),
      keys.consumer('identity', 'hello'),
    ]) {
      expect(text).toContain(`"key": "${key}"`)
    }
    for (const part of ['/locks/', '/tokens/', '/status/', '/audit/', 'ci'])
      expect(text).not.toContain(`"${part}`)
    expect(text.match(/"key"/g)).toHaveLength(20)
  })

  test('has nothing that a lease would take away', async () => {
    const catalog = new Catalog(new MemoryStore())
    const lease = await catalog.store.grantLease(60_000)
    await catalog.commit('', [], [catalog.services.put(keys.service('hello'), aService(), lease)])

    expect(await textOf(catalog)).not.toContain('hello')
  })

  test('sorts the keys of every object, whatever order they were written in', async () => {
    const catalog = new Catalog(new MemoryStore())
    const service = aService({processes: {web: 'a', assets: 'b'}})
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(service).reverse()))
    await catalog.store.transact([], [{put: keys.service('hello'), value: reversed}])
    const text = await textOf(catalog)

    await catalog.store.transact([], [{put: keys.service('hello'), value: JSON.stringify(service)}])

    expect(await textOf(catalog)).toBe(text)
    expect(text).toContain(`        "processes": {
          "assets": "b",
          "web": "a"
        },`)
    expect(text.endsWith('}')).toBe(true)
  })

  test('names what can not be trusted, and leaves it out', async () => {
    const catalog = new Catalog(new MemoryStore())
    await catalog.store.transact(
      [],
      [
        {put: keys.service('hello'), value: '{"v":1}'},
        {put: '/yard/v1/odd\u001b[2J', value: '{}'},
        {put: '/others/key', value: '{}'},
      ],
    )

    expect(JSON.parse(await textOf(catalog))).toEqual({format: 'yard-catalog', records: [], version: 1})
    expect(events.map((event) => ('text' in event ? event.text : ''))).toEqual([
      expect.stringContaining(String.raw`"/yard/v1/odd\u001b[2J"`),
      expect.stringContaining('"/yard/v1/services/hello"'),
    ])
  })

  test('moves any text unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({unit: 'binary', maxLength: 100}), async (text) => {
        const description = text.replace(/\p{Surrogate}/gu, '')
        const from = new Catalog(new MemoryStore())
        const write = from.services.put(keys.service('hello'), aService({description}))
        await from.commit('', [], [write])
        const to = new Catalog(new MemoryStore())
        await importInto(to, await textOf(from))
        expect((await to.services.get(keys.service('hello')))?.record.description).toBe(description)
      }),
      {numRuns: 200},
    )
  })
})
