import {describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type FreshList, RoutedView} from '../../src/catalog/routed-view.js'
import {type StoreEntry} from '../../src/contracts/store.js'
import {environment, instanceKey, instanceWrite} from '../fakes/routed-world.js'

const catalog = new Catalog(new MemoryStore())

function entry(host: number, modRevision: number, weight?: number): StoreEntry {
  const write = instanceWrite(catalog, 'billing', host, weight === undefined ? {} : {weight})
  return {
    key: instanceKey('billing', host),
    value: (write as {value: string}).value,
    createRevision: 1,
    modRevision,
  }
}

function list(entries: StoreEntry[], revision: number, changes: Partial<FreshList> = {}): FreshList {
  return {kinds: ['instances'], entries, revision, deletions: new Map(), isReplaced: false, ...changes}
}

function weights(view: RoutedView): (number | undefined)[] {
  return Array.from(view.all('instances').values(), ({record}) => record.weight)
}

describe('a fresh list', () => {
  test('brings what is new, what is different and what is gone', () => {
    const view = new RoutedView(catalog, environment)
    view.applyList(list([entry(1, 1), entry(2, 1), entry(3, 1)], 3))
    const {changes, differing} = view.applyList(list([entry(1, 1), entry(2, 5, 7), entry(4, 6)], 6))
    expect(differing).toEqual([2, 4, 3].map((host) => instanceKey('billing', host)))
    expect(changes).toHaveLength(3)
    expect([...view.instancesOf('billing')].sort()).toEqual(
      [1, 2, 4].map((host) => instanceKey('billing', host)),
    )
  })

  test('does not undo what a watch brought after it', () => {
    const view = new RoutedView(catalog, environment)
    view.applyList(list([entry(1, 1), entry(2, 1)], 3))
    view.apply([
      {kind: 'put', entry: entry(1, 9, 9)},
      {kind: 'put', entry: entry(3, 10)},
      {kind: 'delete', key: instanceKey('billing', 2)},
    ])
    const deletions = new Map([[instanceKey('billing', 2), 11]])
    expect(view.applyList(list([entry(1, 1), entry(2, 1)], 8, {deletions})).differing).toEqual([])
    expect(weights(view)).toEqual([9, undefined])
  })

  test('of a store that was replaced counts, also where revisions are the same or lower', () => {
    const view = new RoutedView(catalog, environment)
    view.applyList(list([entry(1, 7, 1), entry(2, 8)], 9))
    const replaced = list([entry(1, 7, 2)], 8, {isReplaced: true})
    expect(view.applyList(replaced).differing).toHaveLength(2)
    expect(weights(view)).toEqual([2])
  })

  test('finds other content under the same revision', () => {
    const view = new RoutedView(catalog, environment)
    view.applyList(list([entry(1, 7, 1)], 9))
    view.applyList(list([entry(1, 7, 2)], 12))
    expect(weights(view)).toEqual([2])
  })

  test('is no change where only the spaces differ', () => {
    const view = new RoutedView(catalog, environment)
    const one = entry(1, 7, 1)
    const spaced = {...one, value: JSON.stringify(JSON.parse(one.value), undefined, 2)}
    view.applyList(list([spaced], 9))
    expect(view.applyList(list([spaced], 10)).differing).toEqual([])
  })

  test('touches the listed kinds only', () => {
    const view = new RoutedView(catalog, environment)
    view.applyList(list([entry(1, 1)], 3))
    view.applyList(list([], 9, {kinds: ['services']}))
    expect(weights(view)).toHaveLength(1)
  })
})

describe('bad records', () => {
  test('H9 keep their last good version until they are deleted', () => {
    const view = new RoutedView(catalog, environment)
    view.apply([{kind: 'put', entry: entry(1, 1, 5)}])
    const bad = {...entry(1, 2), value: 'nonsense'}
    view.apply([{kind: 'put', entry: bad}])
    expect(weights(view)).toEqual([5])
    expect(view.bad()).toEqual([{key: bad.key, why: 'is not JSON'}])
    expect(view.applyList(list([bad], 5)).differing).toEqual([])
    expect(view.countRouted()).toBe(1)
    view.applyList(list([], 6))
    expect(view.bad()).toEqual([])
    expect(weights(view)).toEqual([])
  })

  test('H9 of unknown kinds are named and counted, and gone with their deletion', () => {
    const view = new RoutedView(catalog, environment)
    const key = `${keys.routed(environment)}new-kind/x`
    const stranger = {key, value: '{}', createRevision: 4, modRevision: 4}
    view.applyList(list([stranger], 5))
    expect(view.bad()).toEqual([{key, why: 'is of a kind that this yard does not know'}])
    expect(view.countRouted()).toBe(1)
    view.applyList(list([], 6))
    expect(view.bad()).toEqual([])
  })

  test('H9 a record of another service, environment or host is not believed', () => {
    const view = new RoutedView(catalog, environment)
    const {value} = entry(1, 1)
    for (const key of [
      instanceKey('orders', 1),
      instanceKey('billing', 2),
      `${keys.instances(environment, 'x')}${instanceKey('billing', 1).slice(1)}`,
    ]) {
      view.apply([{kind: 'put', entry: {key, value, createRevision: 1, modRevision: 1}}])
      expect(view.bad().map((bad) => bad.key)).toContain(key)
    }
    expect(weights(view)).toEqual([])
  })
})
