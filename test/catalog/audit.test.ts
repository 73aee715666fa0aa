import {expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {recordAudit} from '../../src/catalog/audit.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'

test('entries of one instant are both kept, and all are sorted by time', async () => {
  const catalog = new Catalog(new MemoryStore())
  const entry = (at: string, command: string) =>
    ({at, command, by: 'ada', host: 'laptop', outcome: 'done', durationMillis: 5}) as const
  await recordAudit(catalog, entry('2026-11-20T12:00:01.000Z', 'later'))
  await recordAudit(catalog, entry('2026-11-20T12:00:00.000Z', 'first'))
  await recordAudit(catalog, entry('2026-11-20T12:00:00.000Z', 'first'))

  const {records} = await catalog.audit.list(keys.audit)

  expect(records.map(({record}) => record.command)).toEqual(['first', 'first', 'later'])
})
