import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {callGraph, callTree, neighbourhood} from '../../src/domain/call-graph.js'

/** `a>b` for who may call whom. */
const consumersOf = (pairs: string) =>
  pairs.split(' ').map((pair) => {
    const [consumer = '', service = ''] = pair.split('>')
    return {consumer, service}
  })

const outline = (pairs: string) =>
  callTree(callGraph([], consumersOf(pairs))).map(
    ({cut, hasMoreBelow, name}) =>
      `${'.'.repeat(hasMoreBelow.length)}${name}${cut === undefined ? '' : ` ${cut}`}`,
  )

test('what services say and what they are allowed are one graph', () => {
  const graph = callGraph(
    [{name: 'billing', calls: ['identity', 'gone']}, {name: 'identity'}],
    consumersOf('billing>identity identity>billing'),
  )

  expect(graph).toEqual({
    services: [
      {name: 'billing', isRegistered: true},
      {name: 'gone', isRegistered: false},
      {name: 'identity', isRegistered: true},
    ],
    calls: [
      {from: 'billing', to: 'gone', isDeclared: true, isAllowed: false},
      {from: 'billing', to: 'identity', isDeclared: true, isAllowed: true},
      {from: 'identity', to: 'billing', isDeclared: false, isAllowed: true},
    ],
  })
})

test('pairs whose names run together the same way are two', () => {
  expect(callGraph([], consumersOf('ab>c a>bc')).calls).toHaveLength(2)
})

test('the neighbourhood of a service is itself, its callers and those it calls', () => {
  const near = neighbourhood(callGraph([], consumersOf('a>b b>c c>d a>c')), 'b')

  expect(near.services.map(({name}) => name)).toEqual(['a', 'b', 'c'])
  expect(near.calls.map(({from, to}) => `${from}>${to}`)).toEqual(['a>b', 'b>c'])
})

test('callers come above those they call, and what was shown is not repeated', () => {
  expect(outline('a>b a>c b>d c>d d>e')).toEqual(['a', '.b', '..d', '...e', '.c', '..d above'])
})

test('a circle is marked and ends', () => {
  expect(outline('a>b b>c c>a')).toEqual(['a', '.b', '..c', '...a cycle'])
  expect(outline('a>a')).toEqual(['a', '.a cycle'])
  expect(outline('z>a a>b b>a')).toEqual(['z', '.a', '..b', '...a cycle'])
})

test('what lies too deep for its line has one of its own', () => {
  const chain = Array.from({length: 30}, (_, index) => `s${10 + index}>s${11 + index}`).join(' ')
  const lines = outline(chain)

  expect(lines.filter((line) => line.endsWith('below'))).toEqual([
    `${'.'.repeat(12)}s22 below`,
    `${'.'.repeat(12)}s34 below`,
  ])
  expect(lines.filter((line) => !line.startsWith('.'))).toEqual(['s10', 's22', 's34'])
})

test('every service is unfolded once, in no more lines than there are services and calls', () => {
  const name = fc.integer({min: 0, max: 30}).map((number) => `s${number}`)
  const pairs = fc.array(fc.record({consumer: name, service: name}), {maxLength: 120})
  fc.assert(
    fc.property(pairs, (consumers) => {
      const graph = callGraph([], consumers)
      const lines = callTree(graph)
      const unfolded = lines.filter(({cut}) => cut === undefined).map((line) => line.name)
      expect(new Set(unfolded)).toEqual(new Set(graph.services.map((service) => service.name)))
      const calls = lines.flatMap(({call}) => (call === undefined ? [] : [`${call.from}>${call.to}`]))
      expect(calls.sort()).toEqual(graph.calls.map(({from, to}) => `${from}>${to}`).sort())
      expect(Math.max(0, ...lines.map(({hasMoreBelow}) => hasMoreBelow.length))).toBeLessThanOrEqual(12)
    }),
  )
})

test('2,000 services with 10,000 calls are a tree in a moment', () => {
  const consumers = Array.from({length: 10_000}, (_, index) => ({
    consumer: `s${(index * 7_919) % 2_000}`,
    service: `s${(index * 104_729 + (index % 13)) % 2_000}`,
  }))
  const graph = callGraph([], consumers)

  expect(callTree(graph).length).toBeLessThanOrEqual(graph.services.length + graph.calls.length)
})
