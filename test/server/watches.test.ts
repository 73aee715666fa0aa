import {afterEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {keys} from '../../src/catalog/keys.js'
import {accessOf} from '../../src/domain/access.js'
import {WatchHub} from '../../src/server/watch-hub.js'
import {eventually, put} from '../contracts/store-actions.js'
import {ask, WatchReader} from './asking.js'
import {serve, type Serving, type ServingOptions, testAreas} from './serving.js'

const open: Serving[] = []
const readers: WatchReader[] = []

afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close()
  await Promise.all(open.splice(0).map((serving) => serving.close()))
})

async function serving(options: ServingOptions = {}): Promise<Serving> {
  const started = await serve(options)
  open.push(started)
  return started
}

async function watch(
  {url}: Serving,
  token: string,
  {
    from,
    headers,
    prefix = keys.services,
  }: {from?: number; prefix?: string; headers?: Record<string, string>} = {},
): Promise<WatchReader> {
  const query = new URLSearchParams({prefix, ...(from !== undefined && {from: String(from)})})
  const reader = await WatchReader.open(`${url}/v1/watch?${query.toString()}`, token, headers)
  readers.push(reader)
  return reader
}

/** Counts the watches that are open on it. */
class CountingStore extends MemoryStore {
  watches = 0
  mostWatches = 0

  override async *watch(...request: Parameters<MemoryStore['watch']>) {
    this.watches += 1
    this.mostWatches = Math.max(this.mostWatches, this.watches)
    try {
      yield* super.watch(...request)
    } finally {
      this.watches -= 1
    }
  }
}

test('a watch sends one event for each revision, with its id', async () => {
  const started = await serving()
  const token = await started.token('ci', 'reader')
  const reader = await watch(started, token, {from: 0})
  const revision = await put(started.store, keys.service('billing'), '{}')
  await eventually(async () => reader.revisions.length === 1)

  expect(reader.response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  })
  expect(reader.text).toContain(
    `id: ${revision}\nevent: changes\ndata: {"revision":${revision},"changes":[{"kind":"put","entry":{"key":"/yard/v1/services/billing","value":"{}"`,
  )
})

test('a browser resumes with the id of its last event', async () => {
  const started = await serving()
  const token = await started.token('ci', 'reader')
  const first = await put(started.store, keys.service('a'), '')
  const second = await put(started.store, keys.service('b'), '')
  const reader = await watch(started, token, {from: 0, headers: {'last-event-id': String(first)}})
  await eventually(async () => reader.revisions.length === 1)

  expect(reader.revisions).toEqual([second])
})

test('a thousand idle watches share one on the store, and each hears a change', async () => {
  const store = new CountingStore()
  const started = await serving({store})
  const token = await started.token('ci', 'reader')
  const from = (await store.range('')).revision
  for (let index = 0; index < 1_000; index += 100)
    await Promise.all(Array.from({length: 100}, () => watch(started, token, {from})))
  const revision = await put(store, keys.service('billing'), '{}')
  await eventually(async () => readers.every((reader) => reader.revisions.length === 1))

  expect(new Set(readers.flatMap((reader) => reader.revisions))).toEqual(new Set([revision]))
  expect(store.mostWatches).toBe(1)
  for (const reader of readers.splice(0)) reader.close()
  await eventually(async () => store.watches === 0)
})

test('watches that begin at different revisions each hear exactly the rest', async () => {
  const started = await serving({store: new CountingStore()})
  const token = await started.token('ci', 'reader')
  const written: number[] = []
  for (let index = 0; index < 10; index++)
    written.push(await put(started.store, keys.service('a'), String(index)))
  const starts = [9, 4, 7, 0, 9, 2].map((index) => written[index]!)
  const all = await Promise.all(starts.map((from) => watch(started, token, {from})))
  written.push(await put(started.store, keys.service('a'), 'last'))
  await eventually(async () => all.every((reader) => reader.revisions.at(-1) === written.at(-1)))

  for (const [index, reader] of all.entries())
    expect(reader.revisions).toEqual(written.filter((revision) => revision > starts[index]!))
})

test('what a role may not see is left out of its watch only', async () => {
  const started = await serving()
  const [reader, admin] = [await started.token('dashboard', 'reader'), await started.token('admin', 'admin')]
  const from = (await started.store.range('')).revision
  const seen = await watch(started, reader, {prefix: '/yard/v1/', from})
  const all = await watch(started, admin, {prefix: '/yard/v1/', from})
  await started.token('other', 'reader')
  const last = await put(started.store, keys.service('billing'), '{}')
  await eventually(async () => [seen, all].every(({revisions}) => revisions.at(-1) === last))

  expect(seen.revisions).toEqual([last])
  expect(all.revisions).toHaveLength(2)
  expect(seen.text).not.toContain('digest')
})

test('a watch ends soon after its token is revoked, and others go on', async () => {
  const started = await serving({limits: {recheckMillis: 20}})
  const {catalog} = started
  const [gone, kept] = [await started.token('gone', 'reader'), await started.token('kept', 'reader')]
  const [ending, going] = [await watch(started, gone), await watch(started, kept)]
  const stored = (await catalog.tokens.list(keys.tokens)).records.find(({record}) => record.name === 'gone')!
  const record = {...stored.record, revokedAt: '2026-11-20T13:00:00.000Z'}
  await catalog.store.transact([], [catalog.tokens.put(keys.token(record.id), record)])
  await eventually(async () => ending.isEnded)

  expect((await ask(`${started.url}/v1/me`, {token: gone})).status).toBe(401)
  const revision = await put(started.store, keys.service('billing'), '{}')
  await eventually(async () => going.revisions.length === 1)
  expect([going.revisions, going.isEnded]).toEqual([[revision], false])
})

test('an idle watch says that it lives', async () => {
  const started = await serving({limits: {pingMillis: 20}})
  const reader = await watch(started, await started.token('ci', 'reader'))

  await eventually(async () => (reader.text.match(/^: ping$/gm) ?? []).length >= 3)
})

test('a reader that does not read is cut off, and resumes where it was', async () => {
  const started = await serving({limits: {backlogCharacters: 200_000}})
  const token = await started.token('ci', 'reader')
  const [slow, fast] = [await watch(started, token, {from: 0}), await watch(started, token, {from: 0})]
  slow.response.pause()
  const written: number[] = []
  // What the system itself keeps for a connection is several megabytes.
  for (let index = 0; index < 300; index++) {
    written.push(await put(started.store, keys.service('a'), String(index).padEnd(100_000)))
    await eventually(async () => fast.revisions.at(-1) === written.at(-1))
    fast.text = fast.text.slice(-300)
  }
  await eventually(async () => started.log.some(({brokenOff}) => brokenOff === true))
  slow.response.resume()
  await eventually(async () => slow.isEnded)

  const whole = slow.text.slice(0, slow.text.lastIndexOf('\n\n')).match(/^id: (\d+)$/gm) ?? []
  expect(whole.length).toBeLessThan(300)
  const last = Number(whole.at(-1)?.slice(4) ?? 0)
  const resumed = await watch(started, token, {from: last})
  await eventually(async () => resumed.revisions.at(-1) === written.at(-1))
  expect(resumed.revisions).toEqual(written.filter((revision) => revision > last))
})

test('who comes while all others stall hears what changes', async () => {
  const store = new MemoryStore()
  const hub = new WatchHub({store, pingMillis: 60_000, backlogCharacters: 100_000})
  const access = accessOf('reader', testAreas)
  const stalled = await hub.follow({prefix: keys.services, fromRevision: 0, access})
  try {
    const from = await put(store, keys.service('a'), 'x'.repeat(40_000))
    await eventually(async () => stalled.isBehind)
    const late = await hub.follow({prefix: keys.services, fromRevision: from, access})
    let heard = ''
    late.stream.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    const revision = await put(store, keys.service('b'), '{}')
    await eventually(async () => heard.includes(`id: ${revision}\n`))
    expect(stalled.isOver).toBe(false)
  } finally {
    hub.close()
    stalled.stream.destroy()
    await store.close()
  }
})

test('a history that was compacted is told, and the watch ends', async () => {
  const store = new MemoryStore()
  const started = await serving({store})
  const token = await started.token('ci', 'reader')
  await put(store, keys.service('a'), '')
  store.compact()
  const reader = await watch(started, token, {from: 0})
  await eventually(async () => reader.isEnded)

  expect(reader.text).toMatch(/^id: 2\nevent: compacted\ndata: {"revision":2}\n\n$/m)
})

test('a revision that the store never had is told, also where others watch', async () => {
  const started = await serving()
  const token = await started.token('ci', 'reader')
  const {revision} = await started.store.range('')
  const good = await watch(started, token, {from: revision})
  const early = await watch(started, token, {from: revision + 1_000})
  await eventually(async () => early.isEnded)

  expect(early.text).toBe(`id: ${revision}\nevent: compacted\ndata: {"revision":${revision}}\n\n`)
  await put(started.store, keys.service('a'), '')
  await eventually(async () => good.revisions.length === 1)
})

test('a server that stops tells its watches, lets requests finish, and takes no new ones', async () => {
  const started = await serving()
  const token = await started.token('ci', 'reader')
  const reader = await watch(started, token)
  let release: () => void = () => undefined
  const range = started.store.range.bind(started.store)
  const held = new Promise<void>((resolve) => (release = resolve))
  let isAsked = false
  started.store.range = async (prefix) => {
    isAsked = true
    await held
    return range(prefix)
  }
  const slow = ask(`${started.url}/v1/range?prefix=${keys.services}`, {token})
  await eventually(async () => isAsked)
  const draining = started.server.drain(20_000)
  await eventually(async () => reader.isEnded)

  expect(reader.text).toMatch(/event: closing\ndata: {}\n\n$/)
  await expect(ask(`${started.url}/v1/me`, {token})).rejects.toThrow('ECONNREFUSED')
  release()
  expect((await slow).status).toBe(200)
  await draining
})
