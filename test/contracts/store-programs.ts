import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {catalogAccess} from '../../src/app/catalog-access.js'
import {parseCatalogUrl} from '../../src/app/catalog-url.js'
import {openStore} from '../../src/app/open-catalog.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type Store} from '../../src/contracts/store.js'
import {catalogWorkers, type StartWorker, type WorkerOptions} from '../support/run-together.js'
import {keysBelow} from './store-actions.js'

/** A new, empty catalog that several programs can open. */
export interface CatalogPlace {
  /** As in YARD_CATALOG. */
  url: string
  /** What the programs need to use it, such as YARD_TOKEN. */
  variables?: Record<string, string>
  close(): Promise<void>
}

const programs = 50
const roundsOfEach = 3
const lockTtlMillis = 2_000

/** What must hold when several programs use one store at once: for each store that more than one can use. */
export function storeProgramsContract(name: string, makePlace: () => Promise<CatalogPlace>): void {
  describe(`${name}, used by several programs`, () => {
    const start = catalogWorkers()
    let place: CatalogPlace
    let store: Store

    beforeAll(async () => {
      place = await makePlace()
      const variables = {...process.env, ...place.variables}
      store = await openStore(
        parseCatalogUrl(place.url),
        async () => catalogAccess(variables, undefined),
        () => undefined,
      )
    })
    afterAll(async () => {
      await store.close()
      await place.close()
    })

    test('fifty that register, reserve a port and set a value at once lose nothing', async () => {
      await competition(start, place, new Catalog(store))
    })

    test('H13 a holder of a lock that was stopped for too long can not write when it wakes up', async () => {
      await wakingUp(start, place, store)
    })
  })
}

async function competition(start: StartWorker, place: CatalogPlace, catalog: Catalog): Promise<void> {
  const workers = Array.from({length: programs}, () =>
    start(['compete', place.url, String(programs)], optionsOf(place)),
  )
  const ends = await Promise.all(workers.map(({ended}) => ended))

  expect(ends.filter(({code}) => code !== 0)).toEqual([])
  const found = ends.map(({output}) => JSON.parse(output) as {isFirst: boolean; isNew: boolean; port: number})
  expect(found.filter(({isFirst}) => isFirst)).toHaveLength(1)
  expect(found.filter(({isNew}) => isNew)).toHaveLength(programs)
  expect(new Set(found.map(({port}) => port)).size).toBe(programs)
  expect(await keysBelow(catalog.store, keys.services)).toHaveLength(programs + 1)
  expect(await keysBelow(catalog.store, keys.ports('local', 'localhost'))).toHaveLength(programs)
  const count = await catalog.config.get(keys.configValue('local', undefined, 'COUNT'))
  expect(count?.record.content).toEqual({kind: 'plain', value: String(programs * roundsOfEach)})
}

async function wakingUp(start: StartWorker, place: CatalogPlace, store: Store): Promise<void> {
  const take = () => start(['hold', place.url, String(lockTtlMillis)], optionsOf(place))
  const sleeper = take()
  await sleeper.says('held')
  sleeper.tell('first')
  await sleeper.says('first written')

  sleeper.child.kill('SIGSTOP')
  const other = take()
  await other.says('held')
  other.tell('second')
  await other.says('second written')
  // It's what the sleeper does first, before it can find out that its lock is gone.
  sleeper.tell('third')
  sleeper.child.kill('SIGCONT')

  await sleeper.says('third refused')
  await sleeper.says('lost')
  expect((await store.get('/guarded'))?.value).toBe('second')
  other.tell('fourth')
  await other.says('fourth written')
}

function optionsOf({variables = {}}: CatalogPlace): WorkerOptions {
  return {variables}
}
