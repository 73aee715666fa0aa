import {createHash} from 'node:crypto'

import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {addConsumer, type ConsumerAddNeeds} from '../../../src/lifecycle/consumers/add.js'
import {listConsumers} from '../../../src/lifecycle/consumers/list.js'
import {removeConsumer} from '../../../src/lifecycle/consumers/remove.js'
import {failureOf} from '../../fakes/failure-of.js'
import {hostileNames} from '../../fakes/hostile-names.js'
import {aService} from '../../fakes/records.js'
import {SimulatedClock} from '../../fakes/simulated-clock.js'

let catalog: Catalog
let clock: SimulatedClock
let events: YardEvent[]
/** What was sealed, in its order. */
let sealed: {secret: string; recipients: readonly string[]}[]

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  clock = new SimulatedClock()
  events = []
  sealed = []
  for (const name of ['billing', 'identity', 'mail']) {
    const calls = name === 'billing' ? {calls: ['identity']} : {}
    await catalog.commit('test', [], [catalog.services.put(keys.service(name), aService({name, ...calls}))])
  }
})

function needs(changes: Partial<ConsumerAddNeeds> = {}): ConsumerAddNeeds {
  return {
    catalog,
    clock,
    secrets: {
      seal: async (secret, recipients) => {
        sealed.push({secret, recipients})
        return `-----BEGIN AGE ENCRYPTED FILE-----\nnumber${sealed.length}\n-----END AGE ENCRYPTED FILE-----\n`
      },
    },
    recipients: async () => ['age1ada'],
    actor: 'ada@laptop',
    ...changes,
  }
}

const add = (consumer: string, of: string, more: {rotate?: boolean; dryRun?: boolean} = {}) =>
  addConsumer(needs(), {consumer, of, rotate: false, dryRun: false, ...more})

const pairOf = async (consumer: string, of: string) =>
  (await catalog.consumers.get(keys.consumer(of, consumer)))?.record

describe('a service that may call another', () => {
  test('gets a token that only the recipients can open, and whose digest is kept', async () => {
    const report = await add('billing', 'identity')

    const [only] = sealed
    expect(report).toEqual({
      outcome: 'added',
      dryRun: false,
      consumer: 'billing',
      service: 'identity',
      variable: 'YARD_TOKEN_IDENTITY',
    })
    expect(only?.recipients).toEqual(['age1ada'])
    expect(Buffer.from(only?.secret ?? '', 'base64url')).toHaveLength(32)
    expect(await pairOf('billing', 'identity')).toMatchObject({
      token: expect.stringContaining('number1'),
      tokenDigest: createHash('sha256')
        .update(only?.secret ?? '')
        .digest('hex'),
      addedBy: 'ada@laptop',
    })
    const everything = JSON.stringify([await catalog.store.range('/'), report, events])
    expect(everything).not.toContain(only?.secret)
  })

  test('keeps its token when it is added again, and gets another one when asked for', async () => {
    await add('billing', 'identity')
    const before = await pairOf('billing', 'identity')
    expect(await add('billing', 'identity')).toMatchObject({outcome: 'already'})
    expect(await pairOf('billing', 'identity')).toEqual(before)

    expect(await add('billing', 'identity', {rotate: true})).toMatchObject({outcome: 'rotated'})
    const after = await pairOf('billing', 'identity')
    expect(after?.token).not.toBe(before?.token)
    expect(after?.tokenDigest).not.toBe(before?.tokenDigest)
    expect(after).toMatchObject({addedAt: before?.addedAt, rotatedAt: expect.any(String)})
  })

  test('is only shown with --dry-run', async () => {
    expect(await add('billing', 'identity', {dryRun: true})).toMatchObject({outcome: 'added', dryRun: true})
    expect(sealed).toEqual([])
    expect(await pairOf('billing', 'identity')).toBeUndefined()
  })

  test('is one pair also when two people add it at once, and its digest fits its token', async () => {
    const secrets = needs().secrets
    const other = {...needs(), secrets: {seal: async (secret: string, to: readonly string[]) => {
      if (sealed.length === 0) await addConsumer(needs(), {consumer: 'billing', of: 'identity', rotate: false, dryRun: false})
      return secrets.seal(secret, to)
    }}} // prettier-ignore

    expect(
      await addConsumer(other, {consumer: 'billing', of: 'identity', rotate: false, dryRun: false}),
    ).toMatchObject({
      outcome: 'already',
    })
    const digest = createHash('sha256')
      .update(sealed[0]?.secret ?? '')
      .digest('hex')
    expect(await pairOf('billing', 'identity')).toMatchObject({tokenDigest: digest})
  })

  test('is not written when one of them is removed meanwhile', async () => {
    const removing = needs({
      recipients: async () => {
        await catalog.commit('test', [], [{delete: keys.service('identity')}])
        return ['age1ada']
      },
    })

    const work = addConsumer(removing, {consumer: 'billing', of: 'identity', rotate: false, dryRun: false})
    expect((await failureOf(work)).code).toBe('E_SERVICE_UNKNOWN')
    expect(await pairOf('billing', 'identity')).toBeUndefined()
  })

  test('is never itself, nor somebody unknown', async () => {
    expect((await failureOf(add('billing', 'billing'))).code).toBe('E_USAGE')
    expect((await failureOf(add('billing', 'identitty'))).code).toBe('E_SERVICE_UNKNOWN')
    expect((await failureOf(add('nobody', 'identity'))).code).toBe('E_SERVICE_UNKNOWN')
  })

  test.each(hostileNames)('is never called %.40j', async (name) => {
    expect((await failureOf(add(name, 'identity'))).code).toBe('E_NAME_INVALID')
    expect((await failureOf(add('billing', name))).code).toBe('E_NAME_INVALID')
    expect(
      (await failureOf(removeConsumer({catalog}, {consumer: name, of: 'identity', dryRun: false}))).code,
    ).toBe('E_NAME_INVALID')
  })

  test('is removed, also when neither is registered any more', async () => {
    await add('billing', 'identity')
    const request = {consumer: 'billing', of: 'identity'}
    expect(await removeConsumer({catalog}, {...request, dryRun: true})).toMatchObject({dryRun: true})
    expect(await pairOf('billing', 'identity')).toBeDefined()
    await catalog.commit('test', [], [{delete: keys.service('billing')}, {delete: keys.service('identity')}])

    await removeConsumer({catalog}, {...request, dryRun: false})

    expect(await pairOf('billing', 'identity')).toBeUndefined()
    expect((await failureOf(removeConsumer({catalog}, {...request, dryRun: false}))).code).toBe(
      'E_CONSUMER_UNKNOWN',
    )
  })
})

describe('the list', () => {
  const list = async (request: {of?: string; service?: string} = {}) => {
    const needs = {catalog, report: (event: YardEvent) => void events.push(event)}
    return (await listConsumers(needs, {of: undefined, service: undefined, ...request})).map(
      ({consumer, isDeclared, service}) => `${consumer}>${service}${isDeclared ? ' declared' : ''}`,
    )
  }

  test('holds all pairs, those of one service, or those that it may call; never a token', async () => {
    await add('billing', 'identity')
    await add('billing', 'mail')
    await add('identity', 'mail')

    expect(await list()).toEqual(['billing>identity declared', 'billing>mail', 'identity>mail'])
    expect(await list({of: 'mail'})).toEqual(['billing>mail', 'identity>mail'])
    expect(await list({service: 'billing'})).toEqual(['billing>identity declared', 'billing>mail'])
    expect(await list({of: 'nobody'})).toEqual([])
    expect((await failureOf(list({of: ''}))).code).toBe('E_NAME_INVALID')
    const shown = await listConsumers({catalog, report: () => undefined}, {of: undefined, service: undefined})
    expect(JSON.stringify(shown)).not.toMatch(/AGE|token/)
  })

  test('leaves out a record that cannot be trusted, and names it', async () => {
    await add('billing', 'identity')
    const pair = await pairOf('billing', 'identity')
    const planted = {
      [keys.consumer('identity', 'mail')]: pair,
      [keys.consumer('mail', 'evil')]: {...pair, service: 'mail', consumer: 'evil', token: 'plain'},
    }
    const writes = Object.entries(planted).map(([put, value]) => ({put, value: JSON.stringify(value)}))
    await catalog.store.transact([], writes)

    expect(await list()).toEqual(['billing>identity declared'])
    expect(events).toHaveLength(2)
  })
})
