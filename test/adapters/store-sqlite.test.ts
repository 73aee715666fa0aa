import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, expect, test} from '@jest/globals'

import {loadSqlite, type SqliteDriverName} from '../../src/adapters/store-sqlite/driver.js'
import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {storeAloneContract} from '../contracts/store-alone.js'
import {storeContract} from '../contracts/store.js'

const root = mkdtempSync(path.join(tmpdir(), 'yard-store-'))
let count = 0

afterAll(() => rmSync(root, {recursive: true, force: true}))

function tryWith(name: string, driver: SqliteDriverName): void {
  storeContract(name, async () => {
    let now = 0
    const directory = newDirectory()
    return {
      open: async ({place = String((count += 1))} = {}) =>
        openSqliteStore({file: path.join(directory, `${place}.db`), driver, now: () => now}),
      passTime: async (millis) => void (now += millis),
      leaseUnitMillis: 10_000,
      compact: async ({url}) => {
        const {DatabaseSync} = await loadSqlite(driver)
        const database = new DatabaseSync(url.slice('sqlite:'.length))
        database.exec('BEGIN IMMEDIATE; DELETE FROM changes; UPDATE store SET compacted = revision; COMMIT')
        database.close()
      },
    }
  })
  storeAloneContract(name, async (settings) =>
    openSqliteStore({file: path.join(newDirectory(), 'catalog.db'), driver, ...settings}),
  )
}

function newDirectory(): string {
  return mkdtempSync(path.join(root, 'store-'))
}

const hasBuiltin = Number(process.versions.node.split('.')[0]) >= 24

tryWith('the store in SQLite from the package', 'package')

if (hasBuiltin) tryWith('the store in SQLite built into Node', 'builtin')
else
  test.skip('the store in SQLite built into Node (skipped: this Node has none that is fit)', () => undefined)

test('the chosen SQLite is free of the bug that damages shared files', async () => {
  const warnings: string[] = []
  const store = await openSqliteStore({
    file: path.join(root, 'chosen', 'catalog.db'),
    warn: (text) => warnings.push(text),
  })
  await store.close()
  const {DatabaseSync} = await loadSqlite()

  expect(warnings).toEqual([])
  expect(new DatabaseSync(':memory:').prepare('SELECT sqlite_version() AS version').get()).toMatchObject({
    version: expect.stringMatching(/^3\.5[1-9]\./),
  })
})
