import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type AuditEntry} from '../../../src/domain/audit-entry.js'
import {chainStart, linkAfter} from '../../../src/domain/audit-chain.js'
import {verifyAudit} from '../../../src/lifecycle/audit/verify.js'
import {failureOf} from '../../fakes/failure-of.js'

let catalog: Catalog

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
})

/** Rows written straight into the store, as many commands would have over time. Returns the newest. */
async function plant(count: number): Promise<AuditEntry> {
  let end = chainStart
  let writes: {put: string; value: string}[] = []
  let row: AuditEntry | undefined
  for (let number = 1; number <= count; number++) {
    row = linkAfter(end, {
      at: '2026-11-20T12:00:00.000Z',
      by: 'ada',
      host: 'laptop',
      command: `step ${number}`,
      outcome: 'done',
      durationMillis: 5,
    })
    end = {count: number, hash: row.hash}
    writes.push({put: keys.auditEntry(number), value: JSON.stringify(row)})
    if (writes.length === 120) await catalog.store.transact([], writes.splice(0))
  }
  writes = [...writes, {put: keys.auditHead, value: JSON.stringify({v: 1, ...end})}]
  await catalog.store.transact([], writes)
  return row as AuditEntry
}

async function put(key: string, value: string): Promise<void> {
  await catalog.store.transact([], [{put: key, value}])
}

async function remove(...numbers: number[]): Promise<void> {
  await catalog.store.transact(
    [],
    numbers.map((number) => ({delete: keys.auditEntry(number)})),
  )
}

function verify(expect?: string) {
  return verifyAudit({catalog}, {expect})
}

describe('an audit as yard wrote it', () => {
  test('without any row is fine', async () => {
    expect(await verify()).toEqual({rows: 0, hash: '0'.repeat(64), pin: `0:${'0'.repeat(64)}`})
  })

  test.each([1, 998, 999, 1_000, 1_001, 2_345])('of %i rows is followed to its newest', async (count) => {
    const {hash} = await plant(count)
    expect(await verify()).toEqual({rows: count, hash, pin: `${count}:${hash}`})
  })

  test.each([
    [5, 8],
    [998, 999],
    [999, 1_005],
  ])('that grows from %i to %i rows while it is checked is fine', async (before, after) => {
    await plant(before)
    const {store} = catalog
    const range = store.range.bind(store)
    store.range = async (prefix: string) => {
      store.range = range
      const answer = await range(prefix)
      await plant(after)
      return answer
    }
    expect(await verify()).toMatchObject({rows: after})
  })

  test('fits what an earlier check printed, also when rows came after', async () => {
    const {pin} = await plant(3).then(() => verify())
    await plant(5)
    expect(await verify(pin)).toMatchObject({rows: 5})
  })
})

describe('an audit that was touched', () => {
  beforeEach(async () => {
    await plant(1_200)
  })

  async function brokenAt(row: number, why?: string): Promise<void> {
    const failure = await failureOf(verify())
    expect(failure).toMatchObject({code: 'E_AUDIT_BROKEN', exitCode: 1, details: {row}})
    if (why !== undefined) expect(failure.why).toBe(why)
  }

  test('one changed byte is found', async () => {
    const entry = await catalog.store.get(keys.auditEntry(1_100))
    await put(keys.auditEntry(1_100), (entry?.value ?? '').replace('step', 'stop'))
    await brokenAt(1_100, 'its content is not what its hash was made of')
  })

  test('a space that changes no meaning is found', async () => {
    const entry = await catalog.store.get(keys.auditEntry(7))
    await put(keys.auditEntry(7), `${entry?.value ?? ''} `)
    await brokenAt(7, 'its text is not as yard writes it')
  })

  test('a removed row is found', async () => {
    await remove(500)
    await brokenAt(500, 'it is missing, and row 501 follows')
  })

  test('rows removed over more than a page are found', async () => {
    await remove(...Array.from({length: 120}, (_, index) => 950 + index))
    await brokenAt(950, 'it is missing, and the audit has 1200 rows')
  })

  test('a row put in between is found', async () => {
    await put(`${keys.auditEntries}000000005x`, '{}')
    await brokenAt(6)
  })

  test('a row that belongs elsewhere is found', async () => {
    const entry = await catalog.store.get(keys.auditEntry(3))
    await put(keys.auditEntry(9), entry?.value ?? '')
    await brokenAt(9, 'it says that it is row 3')
  })

  test('a tail that was cut off is found', async () => {
    await remove(1_199, 1_200)
    await brokenAt(1_199, 'it is missing, and the audit has 1200 rows')
  })

  test('a row after the end is found, however far', async () => {
    await put(keys.auditEntry(1_201), '{}')
    await brokenAt(1_201)
    await remove(1_201)
    await put(keys.auditEntry(900_000_000), '{}')
    await brokenAt(1_201, 'it is missing, and row 900000000 follows')
  })

  test('rows without a head, and a head that is none, are found', async () => {
    await catalog.store.transact([], [{delete: keys.auditHead}])
    await brokenAt(1)
    await put(keys.auditHead, '{"v":1}')
    await brokenAt(1)
  })

  test('a head with another hash is found', async () => {
    await put(keys.auditHead, JSON.stringify({v: 1, count: 1_200, hash: 'a'.repeat(64)}))
    await brokenAt(1_200, 'its hash is not the one that the audit ends with')
  })

  test('a tail that was cut off with its head is found only by who kept the pin', async () => {
    const {pin} = await verify()
    const last = JSON.parse((await catalog.store.get(keys.auditEntry(1_100)))?.value ?? '') as AuditEntry
    await remove(...Array.from({length: 100}, (_, index) => 1_101 + index))
    await put(keys.auditHead, JSON.stringify({v: 1, count: 1_100, hash: last.hash}))

    expect(await verify()).toMatchObject({rows: 1_100})
    expect(await failureOf(verify(pin))).toMatchObject({code: 'E_AUDIT_BROKEN', details: {row: 1_101}})
  })

  test('a chain made anew is found only by who kept the pin', async () => {
    const pin = `1000:${'a'.repeat(64)}`
    expect(await failureOf(verify(pin))).toMatchObject({
      code: 'E_AUDIT_BROKEN',
      why: 'its hash is not the expected one',
      details: {row: 1_000},
    })
  })
})

test.each(['', '7', '7:abc', `-1:${'a'.repeat(64)}`, `7:${'A'.repeat(64)}`])(
  'refuses the pin %j',
  async (pin) => {
    expect(await failureOf(verify(pin))).toMatchObject({code: 'E_USAGE'})
  },
)
