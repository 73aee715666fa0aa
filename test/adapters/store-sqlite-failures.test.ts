import {execFileSync, spawnSync} from 'node:child_process'
import fs from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {isSafeVersion, loadSqlite, preferredDriver} from '../../src/adapters/store-sqlite/driver.js'
import {checkSqliteStore, openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {type Store} from '../../src/contracts/store.js'
import {YardError} from '../../src/errors.js'
import {put} from '../contracts/store-actions.js'
import {catalogWorkers, isRoot, ordinaryUser, whyNoOrdinaryUser} from '../support/run-together.js'

let directory: string
let file: string

const startWorker = catalogWorkers()

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(tmpdir(), 'yard-failures-'))
  fs.chmodSync(directory, 0o755)
  file = path.join(directory, 'catalog.db')
})

afterEach(() => fs.rmSync(directory, {recursive: true, force: true}))

async function failureOf(action: () => Promise<unknown>): Promise<YardError> {
  const error: unknown = await action().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof YardError) return error
  throw new Error(`not a YardError: ${String(error)}`)
}

/** Opens, writes once and closes. */
async function use(path = file): Promise<void> {
  const store = await openSqliteStore({file: path})
  try {
    await put(store, '/a', 'x')
  } finally {
    await store.close()
  }
}

/** A catalog made by a program that has ended: only then is all of it in the one file. */
async function make(path = file): Promise<void> {
  expect(await startWorker(['use', `sqlite:${path}`]).ended).toEqual({code: 0, output: ''})
}

function withDatabase(sql: string): Promise<void> {
  return loadSqlite().then(({DatabaseSync}) => {
    const database = new DatabaseSync(file)
    database.exec(sql)
    database.close()
  })
}

describe('a new catalog', () => {
  test('is for this user only, whatever the umask', async () => {
    const nested = path.join(directory, 'state', 'yard', 'catalog.db')
    const before = process.umask(0)
    let store: Store
    try {
      store = await openSqliteStore({file: nested})
      await put(store, '/a', '')
    } finally {
      process.umask(before)
    }
    const modes = fs
      .readdirSync(path.dirname(nested))
      .map((name) => fs.statSync(path.join(path.dirname(nested), name)).mode & 0o777)

    expect(modes).toEqual([0o600, 0o600, 0o600])
    expect(fs.statSync(path.dirname(nested)).mode & 0o777).toBe(0o700)
    await store.close()
  })

  test('is one file once the program that used it has ended', async () => {
    await make()

    expect(fs.readdirSync(directory)).toEqual(['catalog.db'])
  })

  test('is found sound by its check', async () => {
    await use()

    expect(await checkSqliteStore(file)).toMatchObject({file, revision: 1, entries: 1, problems: []})
  })
})

describe('a damaged catalog', () => {
  test.each([
    ['is no database', (bytes: Buffer) => Buffer.from('garbage'.repeat(2_000).slice(0, bytes.length))],
    ['has lost its end', (bytes: Buffer) => bytes.subarray(0, 5_000)],
    [
      'has lost its schema',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 7)]),
    ],
  ])('that %s is reported, copied once and left as it was', async (_, damage) => {
    await make()
    fs.writeFileSync(file, damage(fs.readFileSync(file)))
    const damaged = fs.readFileSync(file)

    const error = await failureOf(() => use())
    const again = await failureOf(() => use())

    expect(error).toMatchObject({code: 'E_CATALOG_CORRUPT', exitCode: 4})
    const copies = fs.readdirSync(directory).filter((name) => name.startsWith('catalog.db.corrupt-'))
    expect(copies).toHaveLength(1)
    expect(fs.readFileSync(path.join(directory, copies[0]!))).toEqual(damaged)
    expect(fs.readFileSync(file)).toEqual(damaged)
    expect(error.why).toContain(copies[0])
    expect(again.why).toBe(error.why)
    expect(error.next.join('\n')).toContain(`mv ${file} ${file}.damaged`)
  })

  test('that SQLite still opens is found by the check', async () => {
    await startWorker(['count-to', `sqlite:${file}`, '300']).ended
    const bytes = fs.readFileSync(file)
    bytes.fill(7, bytes.length - 10_000)
    fs.writeFileSync(file, bytes)

    const problems = await checkSqliteStore(file).then(
      (check) => check.problems,
      (error: unknown) => [(error as YardError).code],
    )
    expect(problems).not.toEqual([])
  })
})

describe('a file that is not ours', () => {
  test('a catalog of a newer yard is left alone', async () => {
    await make()
    await withDatabase('PRAGMA user_version = 2')
    const before = fs.readFileSync(file)

    expect(await failureOf(() => use())).toMatchObject({code: 'E_CATALOG_NEWER', exitCode: 4})
    expect(fs.readFileSync(file)).toEqual(before)
  })

  test('a database of another program is left alone', async () => {
    await withDatabase('CREATE TABLE songs (title TEXT)')
    const before = fs.readFileSync(file)

    expect(await failureOf(() => use())).toMatchObject({code: 'E_CATALOG_URL', exitCode: 2})
    expect(fs.readFileSync(file)).toEqual(before)
  })

  test('a directory, a device, and a path through a file are refused', async () => {
    fs.writeFileSync(file, '')

    expect(await failureOf(() => use(directory))).toMatchObject({
      code: 'E_CATALOG_URL',
      why: 'it is a directory',
    })
    expect(await failureOf(() => use('/dev/null'))).toMatchObject({
      code: 'E_CATALOG_URL',
      why: 'it is not a plain file',
    })
    expect(await failureOf(() => use(path.join(file, 'catalog.db')))).toMatchObject({code: 'E_CATALOG_URL'})
  })
})

const noOrdinaryUser = whyNoOrdinaryUser()
const asOrdinaryUser = noOrdinaryUser === undefined ? test : test.skip

describe(`permissions${noOrdinaryUser === undefined ? '' : ` (skipped: ${noOrdinaryUser})`}`, () => {
  asOrdinaryUser.each([
    ['a read-only file', () => fs.chmodSync(file, 0o444)],
    ['a file that may not be read', () => fs.chmodSync(file, 0o000)],
    ['a file in a directory that may not be entered', () => fs.chmodSync(directory, 0o600)],
  ])('%s is named', async (_, forbid) => {
    await make()
    if (isRoot()) for (const place of [file, directory]) fs.chownSync(place, ordinaryUser, ordinaryUser)
    forbid()

    const {code, output} = await startWorker(['use', `sqlite:${file}`], {asOrdinaryUser: true}).ended
    fs.chmodSync(directory, 0o755)

    expect([code, JSON.parse(output)]).toEqual([1, expect.objectContaining({code: 'E_PERMISSION'})])
  })

  asOrdinaryUser('a directory where nothing may be made is named', async () => {
    fs.chmodSync(directory, 0o555)

    const {output} = await startWorker(['use', `sqlite:${path.join(directory, 'deep', 'catalog.db')}`], {
      asOrdinaryUser: true,
    }).ended

    expect(JSON.parse(output)).toMatchObject({code: 'E_PERMISSION'})
  })
})

const whyNoMount = reasonNotToMount()
const withSmallDisk = whyNoMount === undefined ? test : test.skip

describe(`a small disk${whyNoMount === undefined ? '' : ` (skipped: ${whyNoMount})`}`, () => {
  let disk: string

  beforeEach(() => {
    disk = path.join(directory, 'disk')
    fs.mkdirSync(disk)
    if (whyNoMount === undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
  })

  afterEach(() => {
    if (whyNoMount === undefined) execFileSync('umount', ['--lazy', disk])
  })

  withSmallDisk('a write that does not fit is refused whole, and what was written stays', async () => {
    const small = path.join(disk, 'catalog.db')
    const store = await openSqliteStore({file: small})
    let written = 0
    const error = await failureOf(async () => {
      for (; written < 5_000; written++) await put(store, '/last', `${written} ${'x'.repeat(5_000)}`)
    })

    expect(error).toMatchObject({code: 'E_DISK_FULL', exitCode: 4})
    expect((await store.get('/last'))?.value).toBe(`${written - 1} ${'x'.repeat(5_000)}`)
    await store.close()
    const again = await openSqliteStore({file: small})
    expect((await again.get('/last'))?.value).toBe(`${written - 1} ${'x'.repeat(5_000)}`)
    await again.close()
  })

  withSmallDisk('a catalog that can not even be made says so, however little is missing', async () => {
    const codes = new Set<string>()
    for (let freePages = 0; freePages < 60; freePages += 3) {
      const filler = path.join(disk, 'filler')
      fs.writeFileSync(filler, Buffer.alloc(1024 * 1024 - freePages * 4096))
      const made = path.join(disk, `${freePages}.db`)
      const {code, output} = await startWorker(['use', `sqlite:${made}`]).ended
      codes.add(code === 0 ? 'made' : (JSON.parse(output) as YardError).code)
      for (const name of fs.readdirSync(disk)) fs.rmSync(path.join(disk, name))
    }

    expect([...codes]).toEqual(['E_DISK_FULL', 'made'])
  })

  withSmallDisk('a read-only file system is named', async () => {
    const small = path.join(disk, 'catalog.db')
    await make(small)
    execFileSync('mount', ['-o', 'remount,ro', disk])

    expect(await failureOf(() => use(small))).toMatchObject({
      code: 'E_PERMISSION',
      why: 'the file system is read-only',
    })
  })
})

describe('the choice of SQLite', () => {
  test.each([
    ['20.19.0', undefined, 'package'],
    ['22.23.3', '3.51.3', 'package'],
    ['24.0.0', '3.49.1', 'package'],
    ['24.21.0', '3.53.4', 'builtin'],
    ['26.10.0', '3.53.4', 'builtin'],
  ])('Node %s with SQLite %s uses the %s', (node, sqlite, driver) => {
    expect(preferredDriver(sqlite === undefined ? {node} : {node, sqlite})).toBe(driver)
  })

  test('versions with the bug of WAL resets are known', () => {
    const versions = ['3.7.0', '3.49.2', '3.51.2', '3.51.3', '3.52.0', '4.0.0']
    expect(versions.map(isSafeVersion)).toEqual([false, false, false, true, true, true])
  })
})

function reasonNotToMount(): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs is of Linux'
  if (!isRoot()) return 'mounting needs root'
  const probe = fs.mkdtempSync(path.join(tmpdir(), 'yard-mount-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe])
  if (mounted.status === 0) spawnSync('umount', [probe])
  fs.rmdirSync(probe)
  return mounted.status === 0 ? undefined : 'mounting is not permitted here'
}
