import {execFileSync, spawnSync} from 'node:child_process'
import fs from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {type Store, type StorePart} from '../../src/contracts/store.js'
import {put} from '../contracts/store-actions.js'
import {catalogWorkers, isRoot, ordinaryUser, whyNoOrdinaryUser} from '../support/run-together.js'

let directory: string
let file: string

const start = catalogWorkers()

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(tmpdir(), 'yard-read-only-'))
  file = path.join(directory, 'catalog.db')
})

afterEach(() => {
  fs.chmodSync(directory, 0o755)
  fs.rmSync(directory, {recursive: true, force: true})
})

/** A catalog with the key `/a`, of a program that has ended. */
async function make(): Promise<void> {
  expect(await start(['use', `sqlite:${file}`]).ended).toEqual({code: 0, output: ''})
}

/** As if whoever runs the test had made it, who isn't root then. */
function giveAway(): void {
  if (!isRoot()) return
  for (const name of fs.readdirSync(directory))
    fs.chownSync(path.join(directory, name), ordinaryUser, ordinaryUser)
  fs.chownSync(directory, ordinaryUser, ordinaryUser)
}

async function readByOther(): Promise<{keys: string[]; parts: StorePart[]}> {
  const {code, output} = await start(['read', `sqlite:${file}`], {asOrdinaryUser: true}).ended
  const [keys = '', parts = ''] = output.split('\n')
  expect([code, output]).toEqual([0, output])
  return {keys: JSON.parse(keys) as string[], parts: JSON.parse(parts) as StorePart[]}
}

async function useByOther(): Promise<unknown> {
  const {code, output} = await start(['use', `sqlite:${file}`], {asOrdinaryUser: true}).ended
  expect(code).toBe(1)
  return JSON.parse(output)
}

const noOrdinaryUser = whyNoOrdinaryUser()
const asOrdinaryUser = noOrdinaryUser === undefined ? test : test.skip

describe(`who may only read${noOrdinaryUser === undefined ? '' : ` (skipped: ${noOrdinaryUser})`}`, () => {
  asOrdinaryUser.each([
    ['a file', () => fs.chmodSync(file, 0o444), 'this user may not write there'],
    ['a directory', () => fs.chmodSync(directory, 0o555), 'the file or its directory is read-only'],
    [
      'a file and its directory',
      () => {
        fs.chmodSync(file, 0o444)
        fs.chmodSync(directory, 0o555)
      },
      'this user may not write there',
    ],
  ])('reads %s, leaves nothing behind, and is told why a write is refused', async (_, forbid, why) => {
    await make()
    giveAway()
    forbid()

    const {keys, parts} = await readByOther()
    expect(keys).toEqual(['/a'])
    expect(parts.map(({isHealthy}) => isHealthy)).not.toContain(false)
    expect(parts[0]?.detail).toContain('read-only for this user')
    expect(await useByOther()).toMatchObject({code: 'E_PERMISSION', why})
    expect(fs.readdirSync(directory)).toEqual(['catalog.db'])
  })

  asOrdinaryUser('sees what a program writes that has the catalog open', async () => {
    if (!isRoot()) return
    fs.chmodSync(directory, 0o755)
    const store = await openSqliteStore({file})
    try {
      for (const name of fs.readdirSync(directory)) fs.chmodSync(path.join(directory, name), 0o644)
      for (const key of ['/a', '/b']) {
        await put(store, key, '')
        expect((await readByOther()).keys).toContain(key)
      }
    } finally {
      await store.close()
    }
  })

  asOrdinaryUser('is told when the last changes are still in a log that nobody brought in', async () => {
    const writer = start(['write', `sqlite:${file}`, '1', 'a'])
    await writer.says('3')
    writer.child.kill('SIGKILL')
    await writer.ended
    fs.rmSync(`${file}-shm`)
    giveAway()
    fs.chmodSync(directory, 0o555)

    expect(await useByOther()).toMatchObject({
      code: 'E_PERMISSION',
      why: expect.stringContaining('still in its log'),
    })
  })
})

const whyNoMount = reasonNotToMount()
const onReadOnlyDisk = whyNoMount === undefined ? test : test.skip

describe(`a read-only disk${whyNoMount === undefined ? '' : ` (skipped: ${whyNoMount})`}`, () => {
  let stores: Store[]

  beforeEach(() => {
    stores = []
    if (whyNoMount === undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory])
  })
  afterEach(async () => {
    for (const store of stores) await store.close()
    if (whyNoMount === undefined) execFileSync('umount', ['--lazy', directory])
  })

  async function openReadOnly(now: () => number = Date.now): Promise<Store> {
    execFileSync('mount', ['-o', 'remount,ro', directory])
    const store = await openSqliteStore({file, now})
    stores.push(store)
    return store
  }

  onReadOnlyDisk('is read, and its writes are refused', async () => {
    await make()
    const store = await openReadOnly()

    expect((await store.get('/a'))?.value).toBe('x')
    const refused = {code: 'E_PERMISSION', why: 'the file system is read-only'}
    await expect(put(store, '/a', 'y')).rejects.toMatchObject(refused)
    await expect(store.grantLease(1_000)).rejects.toMatchObject(refused)
    expect((await store.health()).map(({isHealthy}) => isHealthy)).not.toContain(false)
  })

  onReadOnlyDisk('shows nothing that a lease kept which ran out', async () => {
    const elsewhere = fs.mkdtempSync(path.join(tmpdir(), 'yard-writable-'))
    const made = path.join(elsewhere, 'catalog.db')
    const writer = await openSqliteStore({file: made, now: () => 0})
    await put(writer, '/leased', '', await writer.grantLease(1_000))
    await put(writer, '/kept', '')
    await writer.close()
    fs.copyFileSync(made, file)
    fs.rmSync(elsewhere, {recursive: true})
    let now = 999
    const store = await openReadOnly(() => now)

    expect((await store.range('/')).entries.map(({key}) => key)).toEqual(['/kept', '/leased'])
    now = 1_000
    expect((await store.range('/')).entries.map(({key}) => key)).toEqual(['/kept'])
    expect(await store.get('/leased')).toBeUndefined()
  })

  onReadOnlyDisk('is read again when somebody who may write has changed it, also by a watch', async () => {
    await make()
    const store = await openReadOnly()
    const {revision} = await store.range('')
    const stop = new AbortController()
    const watch = store.watch('/', revision, stop.signal)[Symbol.asyncIterator]()
    const heard = watch.next()
    execFileSync('mount', ['-o', 'remount,rw', directory])
    await make()

    expect((await heard).value).toMatchObject({kind: 'changes', revision: revision + 1})
    expect((await store.get('/a'))?.modRevision).toBe(revision + 1)
    stop.abort()
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
