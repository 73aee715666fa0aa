import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {type StoreEntry} from '../../src/contracts/store.js'
import {byBytes, keysBelow, put, putEntry, revisionOf} from './store-actions.js'
import {type StoreHarness} from './store.js'

export function storeEntryContract(harness: StoreHarness): void {
  test('a new store is empty', async () => {
    const store = await harness.open()

    expect(await store.get('/a')).toBeUndefined()
    expect((await store.range('')).entries).toEqual([])
    expect(Number.isSafeInteger(await revisionOf(store))).toBe(true)
  })

  test('an entry remembers when it was made and when it last changed', async () => {
    const store = await harness.open()
    const {createRevision} = await putEntry(store, '/a', 'one')
    const other = await putEntry(store, '/b', 'other')
    const changed = await putEntry(store, '/a', 'two', createRevision)

    expect(await store.range('/')).toEqual({entries: [changed, other], revision: await revisionOf(store)})
    expect(await store.get('/a')).toEqual(changed)
    expect(createRevision).toBeLessThan(other.modRevision)
    expect(other.modRevision).toBeLessThan(changed.modRevision)
  })

  test('an entry made again after a delete is a new one', async () => {
    const store = await harness.open()
    await put(store, '/a', 'one')
    await store.transact([], [{delete: '/a'}])
    const again = await putEntry(store, '/a', 'again')

    expect(await store.get('/a')).toEqual(again)
  })

  test('a second handle sees what the first one wrote, at once', async () => {
    const [first, second] = [await harness.open({place: 'shared'}), await harness.open({place: 'shared'})]
    for (const value of ['one', 'two', 'three']) {
      await put(first, '/a', value)
      expect((await second.get('/a'))?.value).toBe(value)
    }
  })

  test('two stores keep apart what is in them', async () => {
    const [store, other] = [await harness.open(), await harness.open()]
    await put(store, '/a', 'mine')

    expect(await other.get('/a')).toBeUndefined()
    expect(await keysBelow(other, '')).toEqual([])
  })

  test('a range holds exactly the keys that begin with the prefix', async () => {
    const store = await harness.open()
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
    const store = await harness.open()
    for (const key of ['/a%b', '/a_b', '/axb', '/a*b', '/A%b']) await put(store, key, '')

    expect(await keysBelow(store, '/a%')).toEqual(['/a%b'])
    expect(await keysBelow(store, '/a_')).toEqual(['/a_b'])
    expect(await keysBelow(store, '/a*')).toEqual(['/a*b'])
  })

  test('a range of thousands is whole', async () => {
    const store = await harness.open()
    const keys = Array.from({length: 2_500}, (_, index) => `/n/${String(index).padStart(5, '0')}`)
    for (let from = 0; from < keys.length; from += 128) {
      const writes = keys.slice(from, from + 128).map((key) => ({put: key, value: key}))
      await store.transact([], writes)
    }

    expect(await keysBelow(store, '/n/')).toEqual(keys)
  })

  test('keys are sorted by their UTF-8 bytes', async () => {
    const store = await harness.open()
    for (const key of ['/\u{1f600}', '/\uffee', '/z', '/é', '/Z', '/~']) await put(store, key, '')

    expect(await keysBelow(store, '/')).toEqual(['/Z', '/z', '/~', '/é', '/\uffee', '/\u{1f600}'])
  })

  test.each([
    ['the last code point', '/\u{10ffff}'],
    ['the last one before the surrogates', '/\ud7ff'],
    ['nothing but the last code point', '\u{10ffff}'],
  ])('a prefix may end with %s', async (_, prefix) => {
    const store = await harness.open()
    const within = [prefix, `${prefix}a`, `${prefix}\u{10ffff}`]
    for (const key of [...within, '/a', '/\ue000', '0']) await put(store, key, '')

    expect(await keysBelow(store, prefix)).toEqual(within)
  })

  test.each([
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['toString', 'toString'],
    ['quotes', `'"; DROP TABLE entries; --`],
    ['line breaks', 'a\nb\r\n\tc'],
    ['an emoji', '👩‍🚀 \u{1f600}'],
    ['a right-to-left mark', 'a\u202eb'],
    ['a leading dash', '--help'],
    ['a trailing space', 'a '],
    ['a plus and a percent sign', 'a+b%2F%00c%'],
    ['a way up', '../../etc/passwd'],
    ['a way up, encoded', '/%2e%2e/..%2f'],
    ['two slashes', '//a//b//'],
    ['a question and a fragment', 'a?b=c&d#e'],
    ['5,000 characters', 'x'.repeat(5_000)],
  ])('%s is kept as key and value', async (_, text) => {
    const store = await harness.open()
    const entry = await putEntry(store, text, text)

    expect(await store.get(text)).toEqual(entry)
    expect(await keysBelow(store, text)).toEqual([text])
    expect((await store.range('')).entries).toEqual([entry])
  })

  test('an empty value and one of a megabyte are kept', async () => {
    const store = await harness.open()
    const large = 'é'.repeat(524_288)
    await put(store, '/empty', '')
    await put(store, '/large', large)

    expect((await store.get('/empty'))?.value).toBe('')
    expect((await store.get('/large'))?.value).toBe(large)
  })

  test('a range of several megabytes is whole', async () => {
    const store = await harness.open()
    const values = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(1_048_576))
    for (const value of values) await put(store, `/${value.slice(0, 1)}`, value)

    expect((await store.range('/')).entries.map(({value}) => value)).toEqual(values)
  })

  test.each([
    ['a NUL in a key', 'a\0b', 'value'],
    ['a NUL in a value', 'key', 'a\0b'],
    ['half a character in a key', 'a\ud800', 'value'],
    ['half a character in a value', 'key', '\udc00a'],
    ['an empty key', '', 'value'],
  ])('%s is refused and nothing is written', async (_, key, value) => {
    const store = await harness.open()
    const writes = [
      {put: 'good', value: ''},
      {put: key, value},
    ]

    await expect(store.transact([], writes)).rejects.toThrow(TypeError)
    expect(await keysBelow(store, '')).toEqual([])
  })

  test('what was read is a copy', async () => {
    const store = await harness.open()
    await put(store, '/a', 'one')
    const entry = (await store.get('/a')) as StoreEntry
    entry.value = 'changed'

    expect((await store.get('/a'))?.value).toBe('one')
  })

  test('its health names its parts, and all are well', async () => {
    const store = await harness.open()
    const parts = await store.health()

    expect(parts.length).toBeGreaterThan(0)
    for (const {name, isHealthy, detail} of parts) {
      expect([name, detail]).not.toContain('')
      expect({name, isHealthy}).toEqual({name, isHealthy: true})
    }
  })

  test('a closed store does nothing more', async () => {
    const store = await harness.open()
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
      const store = await harness.open()
      const writes = keys.map((put) => ({put, value: put}))
      await store.transact([], writes)

      const expected = keys.filter((each) => each.startsWith(prefix)).sort(byBytes)
      expect(await keysBelow(store, prefix)).toEqual(expected)
      await store.close()
    })
    await fc.assert(property, {numRuns: 30})
  })
}
