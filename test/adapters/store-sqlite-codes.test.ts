import {expect, test} from '@jest/globals'

import {explain, isBusy} from '../../src/adapters/store-sqlite/failures.js'

/** As the package throws it from `all()`: without the number of the failure. */
function withoutNumber(message: string): Error {
  return Object.assign(new Error(message), {code: 'ERR_SQLITE_ERROR'})
}

test('a lock is waited for, although its failure has no number', () => {
  expect(isBusy(withoutNumber('database is locked'))).toBe(true)
  expect(isBusy(Object.assign(new Error('database is locked'), {errcode: 261}))).toBe(true)
  expect(isBusy(new Error('database is locked'))).toBe(false)
})

test.each([
  ['database disk image is malformed', 'E_CATALOG_CORRUPT'],
  ['file is not a database', 'E_CATALOG_CORRUPT'],
  ['no such column: created', 'E_CATALOG_CORRUPT'],
  ['UNIQUE constraint failed: changes.revision, changes.key', 'E_CATALOG_CORRUPT'],
  ['attempt to write a readonly database', 'E_PERMISSION'],
  ['database or disk is full', 'E_DISK_FULL'],
])('%s is understood, although it has no number', (message, code) => {
  expect(explain(withoutNumber(message), '/no/such/catalog.db')).toMatchObject({code})
})

test('a mistake in a statement of ours stays a bug', () => {
  const error = withoutNumber('near "SELEC": syntax error')
  expect(explain(error, '/no/such/catalog.db')).toBe(error)
})
