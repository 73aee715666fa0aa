import fs from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {type Store} from '../../src/contracts/store.js'
import {YardError} from '../../src/errors.js'
import {put} from '../contracts/store-actions.js'

let directory: string
let sound: Buffer
let count = 0

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(tmpdir(), 'yard-damage-'))
  const file = path.join(directory, 'catalog.db')
  const store = await openSqliteStore({file})
  for (let index = 0; index < 300; index++) await put(store, `/key/${index % 100}`, `value ${index}`)
  await put(store, '/leased', '', await store.grantLease(1_000_000))
  await store.close()
  sound = fs.readFileSync(file)
})

afterAll(() => fs.rmSync(directory, {recursive: true, force: true}))

/** Does all that yard does with a catalog that was damaged like this, and returns how it went. */
async function fateOf(damage: (bytes: Buffer) => Buffer): Promise<unknown> {
  const own = path.join(directory, String((count += 1)))
  fs.mkdirSync(own)
  const file = path.join(own, 'catalog.db')
  fs.writeFileSync(file, damage(Buffer.from(sound)))
  let store: Store | undefined
  try {
    store = await openSqliteStore({file})
    return await useAll(store)
  } catch (error) {
    return error
  } finally {
    await store?.close()
    fs.rmSync(own, {recursive: true, force: true})
  }
}

async function useAll(store: Store): Promise<string> {
  const {entries, revision} = await store.range('')
  for (const {key} of entries.slice(0, 5)) await store.get(key)
  for await (const batch of store.watch('/', revision - 100, AbortSignal.timeout(1_000))) {
    if (batch.revision === revision || batch.kind === 'compacted') break
  }
  const lease = await store.grantLease(1_000)
  await store.transact([{key: '/new', target: 'created', revision: 0}], [{put: '/new', value: '', lease}])
  await store.revokeLease(lease)
  const isSound = (await store.health()).every(({isHealthy}) => isHealthy)
  return entries.length === 101 || !isSound ? 'no harm unseen' : 'entries are missing, and nothing says so'
}

function flip(offset: number, mask: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    bytes[offset] = bytes[offset]! ^ mask
    return bytes
  }
}

describe('a catalog with damage', () => {
  test('in its first bytes is reported, with what to do next', async () => {
    const error = await fateOf(flip(0, 0xff))

    expect(error).toMatchObject({code: 'E_CATALOG_CORRUPT', exitCode: 4})
    expect((error as YardError).next.join('\n')).toContain('.recover')
  })

  test('in the middle is reported, with what to do next', async () => {
    const error = await fateOf((bytes) => bytes.fill(0x5a, 4_096 * 2, bytes.length - 4_096))

    expect(error).toMatchObject({code: 'E_CATALOG_CORRUPT', exitCode: 4})
    expect((error as YardError).next.join('\n')).toContain('.recover')
  })

  test.each([1, 50, 4_096, 4_097, 10_000])('that ends after %d bytes is reported', async (length) => {
    expect(await fateOf((bytes) => bytes.subarray(0, length))).toMatchObject({code: 'E_CATALOG_CORRUPT'})
  })

  test('in any byte of its header is reported, or does no harm', async () => {
    for (let offset = 0; offset < 100; offset++) {
      for (const mask of [0x01, 0xff]) expectOrder(await fateOf(flip(offset, mask)), {offset, mask})
    }
  })

  test('anywhere is reported, or does no harm', async () => {
    const property = fc.asyncProperty(
      fc.integer({min: 100, max: sound.length - 1}),
      fc.integer({min: 1, max: 255}),
      fc.integer({min: 1, max: 64}),
      async (offset, mask, length) => {
        const fate = await fateOf((bytes) => {
          for (let each = offset; each < Math.min(offset + length, bytes.length); each++)
            flip(each, mask)(bytes)
          return bytes
        })
        expectOrder(fate, {offset, mask, length})
      },
    )
    await fc.assert(property, {numRuns: 200})
  })
})

/** Values carry no checksum of SQLite's, so some damage is seen only by who reads them; but nothing ends as a bug. */
function expectOrder(fate: unknown, where: unknown): void {
  const found = fate instanceof YardError ? fate.code : `${String(fate)} at ${JSON.stringify(where)}`
  expect([
    'E_CATALOG_CORRUPT',
    'E_CATALOG_NEWER',
    'E_CATALOG_URL',
    'E_PERMISSION',
    `no harm unseen at ${JSON.stringify(where)}`,
  ]).toContain(found)
}
