import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {checkPlatformFile, type Platform} from '../../../src/domain/platform-file.js'
import {applyPlatform, type CatalogPlanReport, diffCatalog} from '../../../src/lifecycle/platform/apply.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aHost, anEnvironment, anInstance} from '../../fakes/records.js'

function platformOf(value: unknown): Platform {
  const checked = checkPlatformFile(value, '/srv/yard.yaml')
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.value
}

const staging = {hosts: {'web-1': {address: '10.0.0.11', zone: 'a'}, 'web-2': {address: '10.0.0.12'}}}

function hostsNumbered(count: number): Record<string, {address: string}> {
  return Object.fromEntries(
    Array.from({length: count}, (_, index) => [
      `web-${index}`,
      {address: `10.0.${Math.floor(index / 250)}.${index % 250}`},
    ]),
  )
}

/** Is killed, so to speak, before it writes for the nth time. */
class MortalStore extends MemoryStore {
  writesLeft = Infinity

  override async transact(...args: Parameters<MemoryStore['transact']>) {
    if (this.writesLeft-- <= 0) throw new Error('killed')
    return super.transact(...args)
  }
}

describe('the platform file and the catalog', () => {
  let store: MortalStore
  let catalog: Catalog
  let events: YardEvent[]
  let plans: CatalogPlanReport[]
  let asked: string[]

  beforeEach(() => {
    store = new MortalStore()
    catalog = new Catalog(store)
    events = []
    plans = []
    asked = []
  })

  const needs = () => ({
    catalog,
    report: (event: YardEvent) => void events.push(event),
    onPlan: (plan: CatalogPlanReport) => void plans.push(plan),
    confirm: async ({consequence}: {consequence: string}) => void asked.push(consequence),
  })
  const apply = (environments: unknown, dryRun = false) =>
    applyPlatform(needs(), {platform: platformOf({environments}), dryRun})
  const diff = async (environments: unknown) => {
    const {changes} = await diffCatalog(needs(), {platform: platformOf({environments})})
    return changes.map(({environment, fields, host, kind}) =>
      [
        kind,
        environment,
        host,
        ...fields.map(({after, before, field}) => `${field}:${before ?? ''}>${after ?? ''}`),
      ]
        .filter((part) => part !== undefined)
        .join(' '),
    )
  }
  const plant = (entries: Record<string, unknown>) =>
    store.transact(
      [],
      Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)})),
    )
  const revision = async () => (await store.range('/')).revision

  test('what is declared is added, and then there is nothing to do', async () => {
    expect(await diff({staging})).toEqual([
      'add staging declared:>yes order:>1 routing.address:>127.0.0.1 routing.header:>Yard-Service routing.port:>7070',
      'add staging web-1 address:>10.0.0.11 declared:>yes zone:>a',
      'add staging web-2 address:>10.0.0.12 declared:>yes',
    ])

    expect(await apply({staging})).toMatchObject({outcome: 'applied', changes: {length: 3}})

    expect((await catalog.hosts.get(keys.host('staging', 'web-1')))?.record).toEqual(
      aHost({zone: 'a', declared: true}),
    )
    expect(await diff({staging})).toEqual([])
    const before = await revision()
    expect(await apply({staging})).toMatchObject({outcome: 'nothing-to-do', changes: []})
    expect(await revision()).toBe(before)
  })

  test('a dry run hears the plan and writes nothing', async () => {
    expect(await apply({staging}, true)).toMatchObject({outcome: 'planned', dryRun: true})
    expect(plans).toHaveLength(1)
    expect(await revision()).toBe(0)
  })

  test('what someone changed by hand shows, and is put right', async () => {
    await apply({staging})
    await plant({[keys.host('staging', 'web-1')]: aHost({address: '10.9.9.9', zone: 'a', declared: true})})

    expect(await diff({staging})).toEqual(['change staging web-1 address:10.9.9.9>10.0.0.11'])
    await apply({staging})
    expect(await diff({staging})).toEqual([])
  })

  test('what was declared and is so no more is removed; what was added by hand stays', async () => {
    await apply({staging, review: {hosts: {'web-9': {address: '10.0.0.99'}}}})
    await plant({
      [keys.host('staging', 'by-hand')]: aHost({name: 'by-hand', address: '10.0.0.50'}),
      [keys.environment('hand-made')]: anEnvironment({name: 'hand-made'}),
      [keys.hostDrain('staging', 'web-2')]: {
        v: 1,
        host: 'web-2',
        environment: 'staging',
        since: '2026-11-20T12:00:00.000Z',
        by: 'ada',
      },
    })
    const fewer = {staging: {hosts: {'web-1': staging.hosts['web-1']}}}

    expect(await diff(fewer)).toEqual(['remove staging web-2', 'remove review web-9', 'remove review'])
    await apply(fewer)

    const hosts = (await catalog.hosts.list(keys.hosts('staging'))).records.map(({record}) => record.name)
    const environments = (await catalog.environments.list(keys.environments)).records
    expect(hosts).toEqual(['by-hand', 'web-1'])
    expect(environments.map(({record}) => record.name)).toEqual(['hand-made', 'staging'])
    expect(await store.get(keys.hostDrain('staging', 'web-2'))).toBeUndefined()
    expect(await diff(fewer)).toEqual([])
  })

  test('a host that was added by hand and is declared now becomes a declared one', async () => {
    await apply({staging: {}})
    await plant({[keys.host('staging', 'web-1')]: aHost({zone: 'a'})})

    expect(await diff({staging: {hosts: {'web-1': staging.hosts['web-1']}}})).toEqual([
      'change staging web-1 declared:>yes',
    ])
  })

  test('a host with an instance is not removed, and nothing else is done then', async () => {
    await apply({staging})
    const instance = anInstance({environment: 'staging', host: 'web-2', address: '10.0.0.12'})
    await plant({[keys.instance('staging', 'hello', instance.id)]: instance})
    const before = await revision()

    const error = await failureOf(apply({staging: {hosts: {}}, other: {}}))

    expect(error).toMatchObject({
      code: 'E_HOST_IN_USE',
      exitCode: 3,
      why: 'it still has 1 instance (hello-r1@web-2)',
    })
    expect(plans.at(-1)?.changes.find(({host}) => host === 'web-2')?.blocked).toContain('hello-r1@web-2')
    expect(await revision()).toBe(before)
  })

  test('an environment with a host that was added by hand, or with variables, is not removed', async () => {
    await apply({staging: {}})
    await plant({
      [keys.host('staging', 'by-hand')]: aHost({name: 'by-hand'}),
      [keys.configValue('staging', undefined, 'LOG_LEVEL')]: {unreadable: true},
    })

    expect(await failureOf(apply({}))).toMatchObject({
      code: 'E_ENVIRONMENT_IN_USE',
      why: 'it still has 1 host (by-hand), 1 configured variable',
    })
  })

  test('a protected environment asks before it loses something, and a refusal changes nothing', async () => {
    await apply({production: {protected: true, hosts: hostsNumbered(2)}})
    expect(asked).toEqual([])
    const before = await revision()

    const unwilling = {...needs(), confirm: () => Promise.reject(new Error('no'))}
    const platform = platformOf({environments: {production: {hosts: hostsNumbered(1)}}})
    await expect(applyPlatform(unwilling, {platform, dryRun: false})).rejects.toThrow('no')
    expect(await revision()).toBe(before)

    await applyPlatform(needs(), {platform, dryRun: false})
    expect(asked).toEqual([
      'production is a protected environment: it is protected no more, and it loses web-1',
    ])
  })

  test('500 hosts are applied in transactions of a size that every store takes', async () => {
    const sizes: number[] = []
    const transact = store.transact.bind(store)
    store.transact = (compares, writes) => {
      sizes.push(compares.length, writes.length)
      return transact(compares, writes)
    }

    await apply({staging: {hosts: hostsNumbered(500)}})

    expect(Math.max(...sizes)).toBeLessThanOrEqual(128)
    expect((await catalog.hosts.list(keys.hosts('staging'))).records).toHaveLength(500)
  })

  test('an apply that was killed anywhere is finished by running it again', async () => {
    const before = {staging: {hosts: hostsNumbered(150)}, review: {hosts: {x: {address: '10.0.0.1'}}}}
    const after = {staging: {order: 5, hosts: {...staging.hosts, 'web-300': {address: '10.3.0.1'}}}}
    await apply(before)
    let kills = 0
    for (; kills < 1_000; kills++) {
      store.writesLeft = 7
      try {
        await apply(after)
        break
      } catch (error) {
        expect(error).toMatchObject({message: 'killed'})
      }
    }
    store.writesLeft = Infinity

    expect(kills).toBeGreaterThan(5)
    expect(await diff(after)).toEqual([])
    expect((await catalog.hosts.list(keys.hosts('staging'))).records).toHaveLength(3)
    expect(await store.get(keys.environment('review'))).toBeUndefined()
  })

  test('a change that somebody makes between plan and writing is not overwritten', async () => {
    await apply({production: {protected: true, hosts: hostsNumbered(2)}})
    const meanwhile = aHost({name: 'web-1', environment: 'production', address: '10.9.9.9', declared: true})
    const racing = {
      ...needs(),
      confirm: async () => {
        await plant({[keys.host('production', 'web-1')]: meanwhile})
      },
    }
    const platform = platformOf({environments: {production: {protected: true, hosts: hostsNumbered(1)}}})

    const error = await failureOf(applyPlatform(racing, {platform, dryRun: false}))

    expect(error).toMatchObject({code: 'E_CONFLICT', exitCode: 3})
    expect((await catalog.hosts.get(keys.host('production', 'web-1')))?.record).toEqual(meanwhile)
  })

  test('nor is what somebody does to the environment itself', async () => {
    await apply({staging})
    const meanwhile = anEnvironment({declared: true, order: 1, personal: true})
    const racing = {
      ...needs(),
      onPlan: () => void plant({[keys.environment('staging')]: meanwhile}),
    }
    const platform = platformOf({environments: {staging: {order: 7}}})

    expect((await failureOf(applyPlatform(racing, {platform, dryRun: false}))).code).toBe('E_CONFLICT')
    expect((await catalog.environments.get(keys.environment('staging')))?.record).toEqual(meanwhile)
  })

  test('a record that can not be trusted is named, and replaced by what is declared', async () => {
    await plant({[keys.host('staging', 'web-1')]: {v: 9}, [keys.host('staging', 'other')]: 'x'})

    expect(await diff({staging})).toContainEqual(expect.stringContaining("record:can't be trusted"))
    expect(events.filter(({kind}) => kind === 'warning')).toHaveLength(2)
    await apply({staging})
    expect(await diff({staging})).toEqual([])
    expect(await store.get(keys.host('staging', 'other'))).toBeDefined()
  })

  test('of local only the routing is declared, and it is never removed', async () => {
    expect(await diff({local: {routing: {port: 7171}}})).toEqual([
      'add local routing.address:>127.0.0.1 routing.header:>Yard-Service routing.port:>7171',
    ])
    await apply({local: {routing: {port: 7171}}})

    expect(await diff({})).toEqual([])
    expect((await catalog.environments.get(keys.environment('local')))?.record).toMatchObject({
      kind: 'local',
      router: {port: 7171},
    })
  })
})
