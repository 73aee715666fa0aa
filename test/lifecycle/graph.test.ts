import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {graphCalls, type GraphRequest} from '../../src/lifecycle/graph.js'
import {plantCalls} from '../fakes/calls.js'
import {failureOf} from '../fakes/failure-of.js'

let catalog: Catalog
let drawn: string[]

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  drawn = []
  await plantCalls(catalog, {shop: ['billing'], billing: ['identity'], identity: []}, ['shop>billing'])
})

function graph(format: GraphRequest['format'], service?: string) {
  const svg = async (dot: string) => {
    drawn.push(dot)
    return '<svg/>'
  }
  return graphCalls({catalog, report: () => undefined, drawer: async () => ({svg})}, {format, service})
}

test('the graph is text in each format but the tree, and drawn for a picture only', async () => {
  expect((await graph('tree')).text).toBeUndefined()
  const {graph: calls, text = ''} = await graph('json')
  expect(JSON.parse(text)).toEqual(calls)
  const dot = (await graph('dot')).text
  expect(dot).toContain('"shop" -> "billing"')
  expect(drawn).toEqual([])
  expect((await graph('svg')).text).toBe('<svg/>')
  expect(drawn).toEqual([dot])
})

test('one service is shown with its neighbours', async () => {
  const {graph: near} = await graph('tree', 'identity')

  expect(near.services.map(({name}) => name)).toEqual(['billing', 'identity'])
  expect((await failureOf(graph('tree', 'nobody'))).code).toBe('E_SERVICE_UNKNOWN')
})

test('more than a picture can hold is refused, and still is a tree and DOT', async () => {
  const names = Array.from({length: 60}, (_, index) => `s${index}`)
  await plantCalls(
    catalog,
    Object.fromEntries(names.map((name) => [name, names.filter((other) => other !== name)])),
    [],
  )

  expect((await failureOf(graph('svg'))).code).toBe('E_USAGE')
  expect(drawn).toEqual([])
  expect((await graph('dot')).text).toContain('"s0" -> "s59"')
  expect((await graph('svg', 's0')).text).toBe('<svg/>')
})
