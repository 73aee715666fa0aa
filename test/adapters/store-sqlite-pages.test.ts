import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {loadSqlite, type SqliteDatabase} from '../../src/adapters/store-sqlite/driver.js'
import {entriesInPage} from '../../src/adapters/store-sqlite/entry-page.js'
import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {type Store} from '../../src/contracts/store.js'

let directory: string
let store: Store
let database: SqliteDatabase

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'yard-pages-'))
  const file = path.join(directory, 'catalog.db')
  store = await openSqliteStore({file})
  const {DatabaseSync} = await loadSqlite()
  database = new DatabaseSync(file)
})

afterEach(async () => {
  database.close()
  await store.close()
  rmSync(directory, {recursive: true, force: true})
})

type Planted = [key: string, value: string, lease?: string | undefined]

/** Writes past every check, as another program could. */
function plant(entries: readonly Planted[]): void {
  // As bytes, because a driver may end a text at its first NUL.
  const insert = database.prepare(
    'INSERT OR REPLACE INTO entries VALUES (CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?)',
  )
  database.exec('BEGIN')
  for (const [index, [key, value, lease]] of entries.entries())
    insert.run(Buffer.from(key), Buffer.from(value), index + 1, index + 2, lease ?? null)
  database.exec('COMMIT')
}

/** The rows below a prefix as SQLite itself hands them over, one by one. */
function rowsBelow(prefix: string): unknown[] {
  const rows = database.prepare('SELECT key, value, created, modified, lease FROM entries ORDER BY key').all()
  return (rows as {key: string; value: string; created: number; modified: number; lease: string | null}[])
    .filter(({key}) => key.startsWith(prefix))
    .map(({key, value, created, modified, lease}) => ({
      key,
      value,
      createRevision: created,
      modRevision: modified,
      ...(lease !== null && {lease}),
    }))
}

const numbered = (count: number): Planted[] =>
  Array.from({length: count}, (_, index) => [
    `a/${String(index).padStart(6, '0')}`,
    `{"v":${index}}`,
    ...(index % 3 === 0 ? [`lease-${index}`] : []),
  ]) as Planted[]

test.each([0, 1, entriesInPage - 1, entriesInPage, entriesInPage + 1, 3 * entriesInPage])(
  'a range of %i entries is read whole',
  async (count) => {
    plant([...numbered(count), ['b/other', '{}']])

    const {entries} = await store.range('a/')

    expect(entries).toHaveLength(count)
    expect(entries).toEqual(rowsBelow('a/'))
  },
)

const separators = ['\u001f', '\u001e', ' ', '\n', '\0', '\u0001', '😀', '\uffff', 'é', '{"v":1}', '"', '']

test.each(separators.map((text) => [text]))(
  'a %j in a key, in a value or at their ends takes nothing else along',
  async (text) => {
    const hostile: Planted[] = [
      [`a/${'0'.repeat(6)}x${text}`, 'x'],
      [`a/${'0'.repeat(6)}y${text}y`, 'x'],
      ['a/000500x', `${text}x`],
      ['a/000501x', `x${text}`],
      ['a/000502x', `x${text}x`, 'lease x'],
      ['a/zzz', text],
    ]
    plant([...numbered(entriesInPage + 5), ...hostile])

    const {entries} = await store.range('a/')

    expect(entries).toEqual(rowsBelow('a/'))
    expect(entries).toHaveLength(entriesInPage + 5 + new Set(hostile.map(([key]) => key)).size)
  },
)

test.each(separators.map((text) => [text]))('a last key of a page may end with %j', async (text) => {
  const last = `a/${String(entriesInPage - 2).padStart(6, '0')}x${text}`
  plant([...numbered(entriesInPage + 5), [last, 'x']])

  const {entries} = await store.range('a/')

  expect(entries).toEqual(rowsBelow('a/'))
})

test('a text that ends at its NUL is not taken for as many fields as the whole', async () => {
  plant([
    ['a/1', '\u001f\0'],
    ['a/2', ''],
  ])

  expect((await store.range('a/')).entries).toEqual(rowsBelow('a/'))
})

test('values of any size come as they are', async () => {
  const sizes = [0, 262_143, 262_144, 262_145, 1_048_576]
  plant(sizes.map((size) => [`a/${size}`, 'x'.repeat(size)]))

  const {entries} = await store.range('a/')

  expect(entries.map(({value}) => value.length).sort((left, right) => left - right)).toEqual(sizes)
})

test('whatever is in the file is read as its rows are', async () => {
  const piece = fc.oneof(fc.constantFrom(...separators), fc.string({unit: 'grapheme'}))
  const text = fc.array(piece, {maxLength: 4}).map((pieces) => pieces.join(''))
  const planted = fc.array(
    fc.tuple(
      text.map((key) => `a/${key}`),
      text,
      fc.option(fc.constantFrom('lease', 'x y', '7\u001f8'), {nil: undefined}),
    ),
    {maxLength: 30},
  )
  await fc.assert(
    fc.asyncProperty(planted, async (entries) => {
      database.exec('DELETE FROM entries')
      plant(entries)

      expect((await store.range('a/')).entries).toEqual(rowsBelow('a/'))
    }),
    {numRuns: 200},
  )
})
