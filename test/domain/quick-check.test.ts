import {isDeepStrictEqual} from 'node:util'

import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import * as v from 'valibot'

import {quickCheckOf} from '../../src/domain/quick-check.js'
import {check, checkInPlace} from '../../src/domain/schema.js'
import {everyKind} from '../fakes/every-kind.js'
import {hostileNames} from '../fakes/hostile-names.js'

describe.each(everyKind)('the record of a %s', (_, schema, given) => {
  const record = written(schema, given)

  test('that yard wrote is accepted at once', () => {
    expect(quickCheckOf(schema)?.(fromStore(record))).toBe(true)
    expect(record).toEqual(given)
  })

  test('with something hostile in any place is judged as valibot judges it', () => {
    const places = placesIn(record).length
    for (let place = 0; place < places; place += 1) {
      for (const value of hostileValues)
        judgeAlike(schema, record, [{kind: 'replace', place, name: '', value}])
      const value = valueAt(record, place)
      for (const name of hostileKeys) judgeAlike(schema, record, [{kind: 'add', place, name, value}])
    }
  })

  test('of any other form is judged as valibot judges it', () => {
    fc.assert(
      fc.property(fc.array(mutation, {minLength: 1, maxLength: 3}), (mutations) => {
        judgeAlike(schema, record, mutations)
      }),
      {numRuns: 200},
    )
  })
})

/** As yard writes it: its keys in the order of the schema. */
function written(schema: v.GenericSchema, given: object): object {
  const checked = check(schema, given)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.value as object
}

/** As a record comes from a store. */
function fromStore(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function judgeAlike(schema: v.GenericSchema, record: object, mutations: readonly Mutation[]): void {
  const changed = fromStore(mutations.reduce(mutated, fromStore(record)))
  const plain = check(schema, fromStore(changed))
  const quick = checkInPlace(schema, changed)

  // The order of keys is what an export and a hash see.
  const isAlike = isDeepStrictEqual(quick, plain) && JSON.stringify(quick) === JSON.stringify(plain)
  // jest takes a hundred times as long to say so.
  if (!isAlike) expect(JSON.stringify({changed, quick})).toBe(JSON.stringify({changed, quick: plain}))
  if (!isAlike) expect(quick).toStrictEqual(plain)
}

test('a schema with a part that is not known is left to valibot', () => {
  const parts = [
    v.pipe(v.string(), v.trim()),
    v.pipe(v.string(), v.regex(/a/g)),
    v.pipe(v.string(), v.email()),
    v.optional(v.string(), 'default'),
    v.fallback(v.string(), 'fallback'),
    v.union([v.object({a: v.string()}), v.object({a: v.string(), b: v.string()})]),
    v.variant('kind', [v.object({kind: v.string()}), v.object({kind: v.literal('b')})]),
    v.variant('kind', [v.object({kind: v.literal('b')}), v.object({kind: v.literal('b'), more: v.string()})]),
    v.record(v.pipe(v.string(), v.toLowerCase()), v.string()),
  ]

  for (const part of parts) {
    for (const schema of [part, v.object({part}), v.array(part), v.optional(part, undefined)]) {
      expect(quickCheckOf(schema)).toBeUndefined()
    }
  }
})

interface Mutation {
  kind: 'replace' | 'remove' | 'add' | 'reverse'
  /** Which of all places of the record, counted round. */
  place: number
  name: string
  value: unknown
}

const hostileValues = [
  ...hostileNames,
  ...[
    '',
    '\0',
    '\u001f',
    'a'.repeat(2_001),
    'a'.repeat(41),
    '2026-11-20',
    '2026-13-40T99:00:00Z',
    '1.2.3.256',
    '2026-11-20T12:00:00.000Z\n',
  ],
  ...[
    0,
    -0,
    -1,
    1.5,
    1e300,
    65_536,
    null,
    true,
    false,
    [],
    {},
    [null],
    {kind: 'plain'},
    {kind: 'other'},
    {A: 1},
  ],
]
const hostileKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'v',
  'kind',
  'name',
  '0',
  'extra',
  'A',
]

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('replace', 'remove', 'add', 'reverse'),
  place: fc.nat(200),
  name: fc.oneof(fc.constantFrom(...hostileKeys), fc.string()),
  value: fc.oneof(fc.constantFrom(...hostileValues), fc.jsonValue({maxDepth: 2})),
})

function mutated(record: unknown, {kind, place, name, value}: Mutation): unknown {
  const places = placesIn(record)
  const chosen = places[place % places.length]
  if (chosen === undefined) return value
  const {holder, key} = chosen
  if (kind === 'replace') setOwn(holder, key, value)
  if (kind === 'remove') Reflect.deleteProperty(holder, key)
  if (kind === 'add') setOwn(holder, name, value)
  if (kind === 'reverse') {
    const entries = Object.entries(holder).reverse()
    for (const [each] of entries) Reflect.deleteProperty(holder, each)
    for (const [each, inner] of entries) setOwn(holder, each, inner)
  }
  return record
}

function valueAt(record: object, place: number): unknown {
  const chosen = placesIn(record)[place]
  return chosen && Reflect.get(chosen.holder, chosen.key)
}

/** Also a key such as `__proto__`, as `JSON.parse` makes it. */
function setOwn(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, {
    value: fromStore(value),
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

function placesIn(value: unknown): {holder: object; key: string}[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [{holder: value, key}, ...placesIn(inner)])
}
