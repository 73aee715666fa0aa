import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, expect, test} from '@jest/globals'

import {loadSqlite, type SqliteDriverName} from '../../src/adapters/store-sqlite/driver.js'
import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {type OpenStore, storeContract} from '../contracts/store.js'

const root = mkdtempSync(path.join(tmpdir(), 'yard-store-'))
let count = 0

afterAll(() => rmSync(root, {recursive: true, force: true}))

function openWith(driver: SqliteDriverName): OpenStore {
  return async (settings) => {
    count += 1
    return openSqliteStore({file: path.join(root, String(count), 'catalog.db'), driver, ...settings})
  }
}

const hasBuiltin = Number(process.versions.node.split('.')[0]) >= 24

storeContract('the store in SQLite from the package', openWith('package'))

if (hasBuiltin) storeContract('the store in SQLite built into Node', openWith('builtin'))
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
