import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {type YardEvent} from '../../src/contracts/report.js'
import {checkCalls} from '../../src/lifecycle/check.js'
import {failureOf} from '../fakes/failure-of.js'
import {plantCalls} from '../fakes/calls.js'

let catalog: Catalog
let events: YardEvent[]

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
  events = []
})

const check = (service?: string) => checkCalls({catalog, report: (event) => events.push(event)}, {service})

test('nothing is wrong with an empty catalog, or when every call has its consumer', async () => {
  expect(await check()).toEqual({services: 0, calls: 0, problems: [], hints: []})
  await plantCalls(catalog, {billing: ['identity'], identity: []}, ['billing>identity'])
  expect(await check()).toEqual({services: 2, calls: 1, problems: [], hints: []})
})

test('a call without a consumer, and one of an unknown service, are problems with what mends them', async () => {
  await plantCalls(catalog, {billing: ['identity', 'maill'], identity: [], mail: []}, [])

  const {hints, problems} = await check()

  expect(hints).toEqual([])
  expect(problems).toEqual([
    {
      kind: 'not-a-consumer',
      service: 'billing',
      calls: 'identity',
      text: 'billing calls identity without being its consumer',
      mend: 'yard consumers add billing --of identity',
    },
    {
      kind: 'not-registered',
      service: 'billing',
      calls: 'maill',
      text: 'billing calls maill, which is not registered; did it mean mail?',
      mend: 'yard register   # in the repository of maill, or correct calls: in the service.yaml of billing',
    },
  ])
})

test('what is allowed and not said, or left over, is a hint', async () => {
  await plantCalls(catalog, {billing: [], identity: []}, [
    'billing>identity',
    'gone>identity',
    'billing>lost',
  ])

  const {hints, problems} = await check()

  expect(problems).toEqual([])
  expect(hints.map(({kind, mend}) => `${kind}: ${mend}`)).toEqual([
    'not-declared: yard consumers remove billing --of identity   # or add identity to calls: in the service.yaml of billing',
    'left-over: yard consumers remove billing --of lost',
    'left-over: yard consumers remove gone --of identity',
  ])
})

test('one service: its own calls and those to it', async () => {
  await plantCalls(catalog, {a: ['b'], b: ['c'], c: ['a']}, [])

  expect((await check('b')).problems.map(({calls, service}) => `${service}>${calls}`)).toEqual(['a>b', 'b>c'])
  expect((await failureOf(check('nobody'))).code).toBe('E_SERVICE_UNKNOWN')
  expect((await failureOf(check(''))).code).toBe('E_NAME_INVALID')
})

test('a record that cannot be trusted is named and left out', async () => {
  await plantCalls(catalog, {billing: []}, [])
  await catalog.store.transact([], [{put: '/yard/v1/services/evil', value: '{"v":1,"calls":["../x"]}'}])

  expect(await check()).toMatchObject({services: 1})
  expect(events).toMatchObject([{text: expect.stringContaining('services/evil')}])
})
