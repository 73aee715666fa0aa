import {afterEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {type Store, type StoreEntry, type WatchBatch} from '../../src/contracts/store.js'
import {storeHistoryContract} from './store-history.js'
import {storeLeaseContract} from './store-leases.js'
import {storeTransactionContract} from './store-transactions.js'

export interface StoreSettings {
  now?: () => number
  keptRevisions?: number
}

/** Opens a new, empty store. */
export type OpenStore = (settings?: StoreSettings) => Promise<Store>

/** What every store promises. `open` is called once for each test; the suite closes what it opened. */
export function storeContract(name: string, open: OpenStore): void {
  const opened: Store[] = []
  const openTracked: OpenStore = async (settings) => {
    const store = await open(settings)
    opened.push(store)
    return store
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })

  describe(`${name} keeps entries`, () => entryContract(openTracked))
  describe(`${name} compares and swaps`, () => storeTransactionContract(openTracked))
  describe(`${name} tells its history`, () => storeHistoryContract(openTracked))
  describe(`${name} keeps leases`, () => storeLeaseContract(openTracked))
}

function entryContract(open: OpenStore): void {
  test('a new store is empty and at revision 0', async () => {
    const store = await open()

    expect(await store.get('/a')).toBeUndefined()
    expect(await store.range('')).toEqual({entries: [], revision: 0})
  })

  test('an entry remembers when it was made and when it last changed', async () => {
    const store = await open()
    await put(store, '/a', 'one')
    await put(store, '/b', 'other')
    await put(store, '/a', 'two')

    expect(await store.get('/a')).toEqual({key: '/a', value: 'two', createRevision: 1, modRevision: 3})
  })

  test('an entry made again after a delete is a new one', async () => {
    const store = await open()
    await put(store, '/a', 'one')
    await store.transact([], [{delete: '/a'}])
    await put(store, '/a', 'again')

    expect(await store.get('/a')).toEqual({key: '/a', value: 'again', createRevision: 3, modRevision: 3})
  })

  test('a range holds exactly the keys that begin with the prefix', async () => {
    const store = await open()
    const keys = [
      '/s/orders/1',
      '/s/orders-admin/1',
      '/s/orders',
      '/s/orders0',
      '/s/order',
      '/t',
      '/s/orders/',
    ]
    for (const key of keys) await put(store, key, key)

    expect(await keysBelow(store, '/s/orders/')).toEqual(['/s/orders/', '/s/orders/1'])
    expect(await keysBelow(store, '/s/orders')).toEqual([
      '/s/orders',
      '/s/orders-admin/1',
      '/s/orders/',
      '/s/orders/1',
      '/s/orders0',
    ])
  })

  test('a range is not a pattern', async () => {
    const store = await open()
    for (const key of ['/a%b', '/a_b', '/axb', '/a*b', '/A%b']) await put(store, key, '')

    expect(await keysBelow(store, '/a%')).toEqual(['/a%b'])
    expect(await keysBelow(store, '/a_')).toEqual(['/a_b'])
    expect(await keysBelow(store, '/a*')).toEqual(['/a*b'])
  })

  test('keys are sorted by their UTF-8 bytes', async () => {
    const store = await open()
    for (const key of ['/\u{1f600}', '/\uffee', '/z', '/é', '/Z', '/~']) await put(store, key, '')

    expect(await keysBelow(store, '/')).toEqual(['/Z', '/z', '/~', '/é', '/\uffee', '/\u{1f600}'])
  })

  test.each([
    ['the last code point', '/\u{10ffff}'],
    ['the last one before the surrogates', '/\ud7ff'],
    ['nothing but the last code point', '\u{10ffff}'],
  ])('a prefix may end with %s', async (_, prefix) => {
    const store = await open()
    const within = [prefix, `${prefix}a`, `${prefix}\u{10ffff}`]
    for (const key of [...within, '/a', '/\ue000', '0']) await put(store, key, '')

    expect(await keysBelow(store, prefix)).toEqual(within)
  })

  test.each([
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['quotes', `'"; DROP TABLE entries; --`],
    ['line breaks', 'a\nb\r\n\tc'],
    ['an emoji', '👩‍🚀 \u{1f600}'],
    ['a right-to-left mark', 'a\u202eb'],
    ['a leading dash', '--help'],
    ['a trailing space', 'a '],
    ['5,000 characters', 'x'.repeat(5_000)],
  ])('%s is kept as key and value', async (_, text) => {
    const store = await open()
    await put(store, text, text)

    expect(await store.get(text)).toEqual({key: text, value: text, createRevision: 1, modRevision: 1})
    expect(await keysBelow(store, text)).toEqual([text])
  })

  test('an empty value and one of a megabyte are kept', async () => {
    const store = await open()
    const large = 'é'.repeat(524_288)
    await put(store, '/empty', '')
    await put(store, '/large', large)

    expect((await store.get('/empty'))?.value).toBe('')
    expect((await store.get('/large'))?.value).toBe(large)
  })

  test.each([
    ['a NUL in a key', 'a\0b', 'value'],
    ['a NUL in a value', 'key', 'a\0b'],
    ['half a character in a key', 'a\ud800', 'value'],
    ['half a character in a value', 'key', '\udc00a'],
    ['an empty key', '', 'value'],
  ])('%s is refused and nothing is written', async (_, key, value) => {
    const store = await open()

    await expect(
      store.transact(
        [],
        [
          {put: 'good', value: ''},
          {put: key, value},
        ],
      ),
    ).rejects.toThrow(TypeError)
    expect(await store.range('')).toEqual({entries: [], revision: 0})
  })

  test('what was read is a copy', async () => {
    const store = await open()
    await put(store, '/a', 'one')
    const entry = (await store.get('/a')) as StoreEntry
    entry.value = 'changed'

    expect((await store.get('/a'))?.value).toBe('one')
  })

  test('a closed store does nothing more', async () => {
    const store = await open()
    await store.close()
    await store.close()

    await expect(store.get('/a')).rejects.toThrow('closed')
    await expect(put(store, '/a', '')).rejects.toThrow('closed')
  })

  test('any keys come back for exactly their prefixes', async () => {
    const key = fc.string({
      minLength: 1,
      maxLength: 5,
      unit: fc.constantFrom('a', '/', '-', 'é', '\uffff', '\u{10ffff}'),
    })
    const property = fc.asyncProperty(fc.uniqueArray(key, {maxLength: 12}), key, async (keys, prefix) => {
      const store = await open()
      await store.transact(
        [],
        keys.map((put) => ({put, value: put})),
      )

      const expected = keys.filter((each) => each.startsWith(prefix)).sort(byBytes)
      expect(await keysBelow(store, prefix)).toEqual(expected)
      await store.close()
    })
    await fc.assert(property, {numRuns: 40})
  })
}

export async function put(store: Store, key: string, value: string, lease?: string): Promise<number> {
  const write = lease === undefined ? {put: key, value} : {put: key, value, lease}
  return (await store.transact([], [write])).revision
}

export async function keysBelow(store: Store, prefix: string): Promise<string[]> {
  return (await store.range(prefix)).entries.map(({key}) => key)
}

/** Reads and writes by compare-and-swap until it gets through. */
export async function increment(store: Store, key: string): Promise<void> {
  for (;;) {
    const entry = await store.get(key)
    const {succeeded} = await store.transact(
      [{key, target: 'modified', revision: entry?.modRevision ?? 0}],
      [{put: key, value: String(Number(entry?.value ?? 0) + 1)}],
    )
    if (succeeded) return
  }
}

/** The first batches of a watch, or fewer when it ends before. */
export async function take(watch: AsyncIterable<WatchBatch>, count: number): Promise<WatchBatch[]> {
  const batches: WatchBatch[] = []
  if (count === 0) return batches
  for await (const batch of watch) {
    batches.push(batch)
    if (batches.length === count) break
  }
  return batches
}

export function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
