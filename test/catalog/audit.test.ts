import {beforeEach, expect, test} from '@jest/globals'

import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {type AuditedRun, recordAudit} from '../../src/catalog/audit.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {auditHash} from '../../src/domain/audit-chain.js'
import {verifyAudit} from '../../src/lifecycle/audit/verify.js'
import {failureOf} from '../fakes/failure-of.js'

const clock = new SystemClock()
let catalog: Catalog

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
})

function run(command: string): AuditedRun {
  const at = '2026-11-20T12:00:00.000Z'
  return {at, command, by: 'ada', host: 'laptop', outcome: 'done', durationMillis: 5}
}

test('rows are numbered, chained to the one before, and the head knows the newest', async () => {
  const first = await recordAudit(catalog, clock, run('register'))
  const second = await recordAudit(catalog, clock, run('deploy'))

  expect(first).toMatchObject({number: 1, previous: '0'.repeat(64), hash: auditHash(first)})
  expect(second).toMatchObject({number: 2, previous: first.hash})
  const {records} = await catalog.auditEntries.list(keys.auditEntries)
  expect(records.map(({record}) => record)).toEqual([first, second])
  expect((await catalog.auditHead.get(keys.auditHead))?.record).toEqual({v: 1, count: 2, hash: second.hash})
})

test('of fifty that record at once every one gets its row', async () => {
  await Promise.all(Array.from({length: 50}, (_, index) => recordAudit(catalog, clock, run(`step ${index}`))))

  const {records} = await catalog.auditEntries.list(keys.auditEntries)
  expect(new Set(records.map(({record}) => record.command)).size).toBe(50)
  expect(await verifyAudit({catalog}, {expect: undefined})).toMatchObject({rows: 50})
})

test('a planted row in the way of the next one is told at once', async () => {
  await recordAudit(catalog, clock, run('register'))
  await catalog.store.transact([], [{put: keys.auditEntry(2), value: '{}'}])

  expect(await failureOf(recordAudit(catalog, clock, run('deploy')))).toMatchObject({
    code: 'E_AUDIT_BROKEN',
    why: 'row 2 is there already, although the audit ends before it',
  })
})

test('a head that is no head stops the audit and says what to do', async () => {
  await catalog.store.transact([], [{put: keys.auditHead, value: '7'}])

  expect(await failureOf(recordAudit(catalog, clock, run('deploy')))).toMatchObject({
    code: 'E_AUDIT_BROKEN',
    next: ['yard audit verify', expect.any(String)],
  })
})
