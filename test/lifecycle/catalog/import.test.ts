import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {catalogRoot, keys} from '../../../src/catalog/keys.js'
import {type Compare, type TransactResult, type Write} from '../../../src/contracts/store.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {YardError} from '../../../src/errors.js'
import {exportCatalog} from '../../../src/lifecycle/catalog/export.js'
import {type CatalogImportRequest, importCatalog} from '../../../src/lifecycle/catalog/import.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fillCatalog} from '../../fakes/full-catalog.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {aService} from '../../fakes/records.js'

/** A store that tells what is written, and does what a test wants before it. */
class WatchedStore extends MemoryStore {
  readonly sizes: number[] = []
  readonly written: string[] = []
  before: (() => Promise<void>) | undefined

  override async transact(compares: readonly Compare[], writes: readonly Write[]): Promise<TransactResult> {
    const before = this.before
    this.before = undefined
    await before?.()
    this.sizes.push(writes.length)
    const result = await super.transact(compares, writes)
    if (result.succeeded)
      this.written.push(...writes.map((write) => ('put' in write ? write.put : write.delete)))
    return result
  }
}

let store: WatchedStore
let catalog: Catalog
let events: YardEvent[]
let removals: number[]
let stopped: AbortController

beforeEach(() => {
  store = new WatchedStore()
  catalog = new Catalog(store)
  events = []
  removals = []
  stopped = new AbortController()
})

function run(text: string, changes: Partial<CatalogImportRequest> = {}) {
  const needs = {
    catalog,
    report: (event: YardEvent) => void events.push(event),
    signal: stopped.signal,
    confirm: async (removed: number) => void removals.push(removed),
  }
  return importCatalog(needs, {file: 'catalog.json', text, prune: false, dryRun: false, ...changes})
}

function textOf(records: Record<string, unknown>, more: object = {}): string {
  const list = Object.entries(records).map(([key, record]) => ({key, record}))
  return JSON.stringify({format: 'yard-catalog', records: list, version: 1, ...more}, undefined, 2)
}

async function fullText(): Promise<string> {
  const full = new Catalog(new MemoryStore())
  await fillCatalog(full)
  return JSON.stringify(await exportCatalog({catalog: full, report: () => undefined}))
}

function services(count: number): string {
  const names = Array.from({length: count}, (_, index) => `service-${index}`)
  return textOf(Object.fromEntries(names.map((name) => [keys.service(name), aService({name})])))
}

async function contents(): Promise<Record<string, string>> {
  const {entries} = await store.range(catalogRoot)
  return Object.fromEntries(entries.map(({key, value}) => [key, value]))
}

describe('a plan', () => {
  test('tells what is added, changed, unchanged and removed, and is not carried out as a dry run', async () => {
    await catalog.commit(
      '',
      [],
      ['same', 'other', 'old'].map((name) => catalog.services.put(keys.service(name), aService({name}))),
    )
    const before = await contents()
    const text = textOf({
      [keys.service('new')]: aService({name: 'new'}),
      [keys.service('other')]: aService({name: 'other', owner: 'grace', description: 'new'}),
      [keys.service('same')]: aService({name: 'same'}),
    })

    expect(await run(text, {dryRun: true, prune: true})).toEqual({
      dryRun: true,
      changes: [
        {action: 'add', key: keys.service('new')},
        {action: 'change', key: keys.service('other'), fields: ['description', 'owner']},
        {action: 'remove', key: keys.service('old')},
      ],
      unchanged: 1,
    })
    expect(await contents()).toEqual(before)
    expect(removals).toEqual([])
  })

  test('is empty for what was exported here', async () => {
    await fillCatalog(catalog)
    const written = store.written.length

    expect(await run(await fullText(), {prune: true})).toEqual({dryRun: false, changes: [], unchanged: 20})
    expect(store.written).toHaveLength(written)
  })

  test('removes only with --prune, asks first, and spares what stays in its own catalog or is damaged', async () => {
    await fillCatalog(catalog)
    await store.transact([], [{put: keys.service('damaged'), value: '{'}])
    const text = textOf({[keys.service('hello')]: aService()})

    expect((await run(text)).changes).toEqual([])
    expect((await run(text, {prune: true})).changes).toHaveLength(19)

    expect(removals).toEqual([19])
    const left = Object.keys(await contents())
    expect(left).toEqual([
      keys.pushedRouting('staging', 'web-1'),
      keys.lossAcceptance('staging'),
      expect.stringContaining('/status/'),
      expect.stringContaining('/locks/'),
      keys.service('damaged'),
      keys.service('hello'),
      expect.stringContaining('/tokens/'),
    ])
    expect(events).toContainEqual({kind: 'warning', text: expect.stringContaining('services/damaged')})
  })

  test('replaces a damaged record that the file has', async () => {
    await store.transact([], [{put: keys.service('hello'), value: '{'}])

    await run(textOf({[keys.service('hello')]: aService()}))

    expect((await catalog.services.get(keys.service('hello')))?.record).toEqual(aService())
  })

  test('writes first what others name, and removes it last', async () => {
    const text = await fullText()
    await run(text)
    const order = (part: string) => store.written.findIndex((key) => key.includes(part))
    expect(order('/environments/')).toBeLessThan(order('/hosts/'))
    expect(order('/services/')).toBeLessThan(order('/rt/inst/'))
    expect(order('/rt/inst/')).toBeLessThan(order('/rt/bind/'))

    store.written.length = 0
    await run(textOf({}), {prune: true})
    expect(order('/rt/bind/')).toBeLessThan(order('/rt/inst/'))
    expect(order('/rt/inst/')).toBeLessThan(order('/services/'))
    expect(order('/hosts/')).toBeLessThan(order('/environments/'))
  })
})

describe('writing', () => {
  test('is done in transactions that every store takes', async () => {
    await run(services(250))
    expect(store.sizes).toEqual([100, 100, 50])

    store.sizes.length = 0
    const large = Array.from({length: 10}, (_, index) => {
      const processes = Object.fromEntries(
        Array.from({length: 60}, (_each, number) => [`p${number}`, 'x'.repeat(2_000)]),
      )
      return aService({name: `large-${index}`, processes})
    })
    await run(textOf(Object.fromEntries(large.map((service) => [keys.service(service.name), service]))))
    expect(Math.max(...store.sizes)).toBeLessThanOrEqual(4)
  })

  test('overwrites nothing that somebody changed since the plan, names it, and finishes when run again', async () => {
    await catalog.commit(
      '',
      [],
      [catalog.services.put(keys.service('service-3'), aService({name: 'service-3', owner: 'ada'}))],
    )
    const theirs = aService({name: 'service-3', owner: 'grace'})
    store.before = async () => {
      await new Catalog(store).commit('', [], [catalog.services.put(keys.service('service-3'), theirs)])
    }
    const text = services(10).replaceAll('"owner": "ada"', '"owner": "bob"')

    expect(await failureOf(run(text))).toMatchObject({
      code: 'E_CONFLICT',
      why: expect.stringContaining(keys.service('service-3')),
    })
    expect((await catalog.services.get(keys.service('service-3')))?.record.owner).toBe('grace')

    await run(text)
    expect((await catalog.services.get(keys.service('service-3')))?.record.owner).toBe('bob')
    expect(Object.keys(await contents())).toHaveLength(10)
  })

  test('that was cut short goes on where it stopped', async () => {
    const text = services(1_000)
    let transactions = 0
    const original = store.transact.bind(store)
    store.transact = async (compares, writes) => {
      transactions += 1
      if (transactions > 3) {
        throw new YardError('E_CATALOG_UNREACHABLE', {what: 'x', why: 'the line is cut', next: ['y']})
      }
      return original(compares, writes)
    }
    expect(await failureOf(run(text))).toMatchObject({code: 'E_CATALOG_UNREACHABLE'})
    expect(Object.keys(await contents())).toHaveLength(300)
    store.transact = original

    expect(await run(text)).toMatchObject({unchanged: 300})
    expect(Object.keys(await contents())).toHaveLength(1_000)
  })

  test('ends with Ctrl-C between two transactions', async () => {
    const text = services(1_000)
    store.before = async () => stopped.abort(new Error('Ctrl-C'))

    await expect(run(text)).rejects.toThrow('Ctrl-C')
    expect(Object.keys(await contents()).length).toBeLessThan(1_000)
  })
})

describe('a file that is refused, with nothing written', () => {
  async function refusal(text: string): Promise<YardError> {
    const failure = await failureOf(run(text))
    expect(failure).toMatchObject({code: 'E_IMPORT_FILE', exitCode: 2})
    expect(await contents()).toEqual({})
    return failure
  }

  test.each(['', '{', 'null', '7', '[]', '{}', '{"format":"other","version":1,"records":[]}', '"x"'])(
    'because it is no export: %j',
    async (text) => {
      await refusal(text)
    },
  )

  test('because a newer yard wrote it', async () => {
    expect(await refusal(textOf({}, {version: 2, records: {}}))).toMatchObject({
      why: expect.stringContaining('a newer yard wrote it'),
      next: ['install the newer yard'],
    })
  })

  test('because it is cut off, naming the line', async () => {
    const text = services(3)
    const {why} = await refusal(text.slice(0, text.indexOf('service-1"')))
    expect(why).toMatch(/^catalog\.json:\d+ it is not JSON$|^it is not JSON$/)
  })

  test('because of its records, naming each with its line', async () => {
    const text = textOf({
      [keys.service('fine')]: aService({name: 'fine'}),
      [keys.service('bad')]: {...aService({name: 'bad'}), owner: 7},
      [keys.service('moved')]: aService({name: 'other'}),
      '/yard/v1/unknown/x': {},
      [keys.token('0123456789abcdef')]: {},
      [keys.auditHead]: {},
      '/elsewhere': {},
    })
    const {why} = await refusal(text)

    const lineOf = (key: string) => text.slice(0, text.indexOf(`"key": "${key}"`)).split('\n').length
    expect(why.split('\n  ')).toEqual([
      `catalog.json:${lineOf(keys.service('bad'))} ${keys.service('bad')}: owner: ${ownerMessage(why)}`,
      expect.stringContaining('/services/moved: its content says that it belongs to another key'),
      expect.stringContaining('/yard/v1/unknown/x: is of a kind that this yard does not know'),
      expect.stringContaining('is one of the tokens, which stay in their own catalog'),
      expect.stringContaining('is one of the audit heads, which stay'),
      expect.stringContaining('/elsewhere: is of a kind'),
    ])
  })

  test('because a key is there twice, as after a merge in git', async () => {
    const record = {key: keys.service('hello'), record: aService()}
    const text = JSON.stringify({format: 'yard-catalog', records: [record, record], version: 1})
    expect((await refusal(text)).why).toContain('is there twice')
  })

  test.each(hostileNames.map((name) => [name]))('because of a service called %j', async (name) => {
    const {why} = await refusal(textOf({[`${keys.services}${name}`]: {...aService(), name}}))
    expect(why).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\uffff]/)
  })

  test('because of more problems than fit on a screen, of which it counts the rest', async () => {
    const records = Object.fromEntries(Array.from({length: 50}, (_, index) => [`/x/${index}`, {}]))
    const {details, why} = await refusal(textOf(records))
    expect(why).toContain('and 30 more')
    expect(details?.['problems']).toHaveLength(50)
  })
})

/** What the schema says is its own affair. */
function ownerMessage(why: string): string {
  return /owner: ([^\n]*)/.exec(why)?.[1] ?? ''
}
