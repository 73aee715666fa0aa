import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {type AuditedRun, recordAudit} from '../../../src/catalog/audit.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {type AuditListRequest, listAudit} from '../../../src/lifecycle/audit/list.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'

const clock = new ManualClock()
let catalog: Catalog
let events: YardEvent[]

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
  events = []
})

async function record(changes: Partial<AuditedRun> = {}): Promise<void> {
  await recordAudit(catalog, clock, {
    at: '2026-11-20T11:00:00.000Z',
    command: 'register',
    by: 'ada@laptop',
    host: 'laptop',
    outcome: 'done',
    durationMillis: 5,
    ...changes,
  })
}

async function numbers(request: Partial<AuditListRequest> = {}): Promise<number[]> {
  const all = {service: undefined, environment: undefined, since: undefined, by: undefined, limit: 50}
  const needs = {catalog, clock, report: (event: YardEvent) => void events.push(event)}
  const rows = await listAudit(needs, {...all, ...request})
  return rows.map(({number}) => number)
}

test('the newest rows come last, and at most as many as wanted', async () => {
  for (let row = 0; row < 5; row++) await record()

  expect(await numbers()).toEqual([1, 2, 3, 4, 5])
  expect(await numbers({limit: 2})).toEqual([4, 5])
})

test('rows are chosen by service, environment and person', async () => {
  await record({service: 'billing', environment: 'staging'})
  await record({service: 'billing-api', environment: 'local', git: 'Grace <grace@example.com>'})
  await record({token: 'ci'})

  expect(await numbers({service: 'billing'})).toEqual([1])
  expect(await numbers({environment: 'local'})).toEqual([2])
  expect(await numbers({by: 'GRACE'})).toEqual([2])
  expect(await numbers({by: 'ci'})).toEqual([3])
  expect(await numbers({by: 'ada', service: 'billing-api'})).toEqual([2])
})

test('since counts from the end of a command, which may have begun long before', async () => {
  await record({at: '2026-11-17T11:00:00.000Z'})
  await record({at: '2026-11-17T11:00:00.000Z', durationMillis: 3 * 86_400_000})
  await record()

  expect(await numbers({since: '2d'})).toEqual([2, 3])
  expect(await numbers({since: '2026-11-17T10:00:00Z'})).toEqual([1, 2, 3])
})

test('a row that was damaged is named and left out', async () => {
  await record()
  await record()
  await catalog.store.transact([], [{put: keys.auditEntry(1), value: '{'}])

  expect(await numbers()).toEqual([2])
  expect(events).toEqual([{kind: 'warning', text: expect.stringContaining('audit/entries/000000001')}])
})

test('rows of several pages are found', async () => {
  for (let row = 0; row < 1_050; row++) await record(row === 3 ? {service: 'billing'} : {})

  expect(await numbers({service: 'billing'})).toEqual([4])
  expect(await numbers({limit: 60})).toHaveLength(60)
})

test.each([
  [{service: '../x'}, 'E_NAME_INVALID'],
  [{environment: 'a b'}, 'E_NAME_INVALID'],
  [{since: 'yesterday'}, 'E_USAGE'],
])('refuses %j', async (request, code) => {
  expect(await failureOf(numbers(request))).toMatchObject({code})
})
