import {describe, expect, test} from '@jest/globals'

import {SystemClock} from '../../src/adapters/clock-system/index.js'
import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {recordAudit} from '../../src/catalog/audit.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {Collection} from '../../src/catalog/collection.js'
import {catalogRoot, keys} from '../../src/catalog/keys.js'
import {kindOf, recordKinds} from '../../src/catalog/record-kinds.js'
import {fillCatalog} from '../fakes/full-catalog.js'

describe('the kind of a record', () => {
  test('is known for every key that yard writes', async () => {
    const catalog = new Catalog(new MemoryStore())
    await fillCatalog(catalog)
    await recordAudit(catalog, new SystemClock(), {
      at: '2026-11-20T12:00:00.000Z',
      by: 'ada',
      host: 'laptop',
      command: 'x',
      outcome: 'done',
      durationMillis: 1,
    })
    const {entries} = await catalog.store.range(catalogRoot)

    const found = new Set(entries.map(({key}) => kindOf(key)?.name))

    expect([...found].sort()).toEqual(
      recordKinds
        .map(({name}) => name)
        .filter((name) => name !== 'agents')
        .sort(),
    )
    for (const entry of entries) {
      expect(kindOf(entry.key)?.collection(catalog).readAll([entry]).bad).toEqual([])
    }
  })

  test('has a row in the table for every collection of the catalog', () => {
    const catalog = new Catalog(new MemoryStore())
    const collections = Object.values(catalog).filter((member) => member instanceof Collection)

    expect(new Set(recordKinds.map(({collection}) => collection(catalog)))).toEqual(new Set(collections))
  })

  test('stays in its own catalog when it is leased, observed, said of hosts, a key to a server, or the audit', () => {
    const kept = recordKinds.filter(({isExported}) => !isExported).map(({name}) => name)
    expect(kept).toEqual([
      'accepted losses',
      'pushed routings',
      'instance statuses',
      'agents',
      'locks',
      'tokens',
      'audit rows',
      'audit heads',
    ])
  })

  test.each([
    keys.services,
    `${keys.services}a/b`,
    `${keys.services}../x`,
    `${keys.service('a')}\n`,
    `${catalogRoot}in/local/rt/inst/hello`,
    `${catalogRoot}unknown/x`,
    '/other/services/hello',
    '',
  ])('is unknown for %j', (key) => {
    expect(kindOf(key)).toBeUndefined()
  })
})
