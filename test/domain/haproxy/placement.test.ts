import {describe, expect, test} from '@jest/globals'

import {type PlacingFacts, placeServices} from '../../../src/domain/haproxy/placement.js'
import {type RenderedParts} from '../../../src/domain/haproxy/rendered.js'

function parts(
  services: Record<string, string>,
  plain: string[] = Object.keys(services),
  frame = 'f',
): RenderedParts {
  return {frame, services: new Map(Object.entries(services)), plain: new Set(plain)}
}

function facts(more: Partial<PlacingFacts> = {}): PlacingFacts {
  const services = new Map([['a', 'svc_a']])
  return {generation: 'g1', parts: parts({a: '1'}), services, occupied: new Set(['svc_a']), ...more}
}

const wanted = (rendered: RenderedParts, generation = 'g2') => ({generation, parts: rendered})

describe('where services are reached', () => {
  test('is their own backend when the files are what runs', () => {
    expect(placeServices(facts({parts: undefined}), wanted(parts({a: '1'}), 'g1'), 4)).toEqual({
      ...{backends: new Map([['a', 'svc_a']]), reasons: [], isMakeshift: false},
    })
  })

  test('is a free spare backend for a new one that is plain', () => {
    const placement = placeServices(facts(), wanted(parts({a: '1', b: '1', c: '1'})), 4)

    expect([...placement.backends]).toEqual([
      ['a', 'svc_a'],
      ['b', 'spare_000'],
      ['c', 'spare_001'],
    ])
    expect(placement).toMatchObject({reasons: [], isMakeshift: true})
  })

  test('is the same spare backend as before, and never one that another service was on', () => {
    const services = new Map([['a', 'svc_a'], ['b', 'spare_002']]) // prettier-ignore
    const occupied = new Set(['svc_a', 'spare_000', 'spare_002'])
    const placement = placeServices(facts({services, occupied}), wanted(parts({a: '1', b: '1', c: '1'})), 4)

    expect(placement.backends.get('b')).toBe('spare_002')
    expect(placement.backends.get('c')).toBe('spare_001')
  })

  test('takes a reload when it is not plain, when no spare is free, and when its settings changed', () => {
    expect(placeServices(facts(), wanted(parts({a: '1', b: '1'}, ['a'])), 4)).toMatchObject({
      ...{backends: new Map([['a', 'svc_a']]), reasons: ['b is new']},
    })
    expect(placeServices(facts(), wanted(parts({a: '1', b: '1'})), 0).reasons).toEqual(['b is new'])
    expect(placeServices(facts(), wanted(parts({a: '2'})), 4)).toMatchObject({
      ...{backends: new Map([['a', 'svc_a']]), reasons: ['the settings of a changed']},
    })
    expect(placeServices(facts(), wanted(parts({a: '1'}, ['a'], 'other')), 4).reasons).toEqual([
      'more than services changed',
    ])
  })

  test('keeps a service on its spare while it waits for a reload because it is not plain any more', () => {
    const services = new Map([['a', 'spare_000']])
    const placement = placeServices(facts({services, parts: parts({})}), wanted(parts({a: '2'}, [])), 4)

    expect(placement).toMatchObject({backends: new Map([['a', 'spare_000']]), reasons: ['a is new']})
  })

  test('is what runs, and takes a reload, when nobody knows where that came from', () => {
    expect(placeServices(facts({parts: undefined}), wanted(parts({a: '1', b: '1'})), 4)).toEqual({
      ...{
        backends: new Map([['a', 'svc_a']]),
        reasons: ['what runs is of an unknown origin'],
        isMakeshift: true,
      },
    })
  })

  test('owes a reload for a service that is no more', () => {
    expect(placeServices(facts(), wanted(parts({})), 4)).toEqual({
      ...{backends: new Map(), reasons: [], isMakeshift: true},
    })
  })
})
