import http from 'node:http'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {type Upstream} from '../../fakes/upstream.js'
import {eventually} from '../processes-local/playground.js'

import {Load} from './load.js'
import {draining, exchange, haproxy, Playground, reloads, skipReason} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground

describeWithHaproxy(`what clients notice of changes${skipReason}`, () => {
  beforeEach(async () => {
    ground = await new Playground().prepare()
  })

  afterEach(async () => {
    await ground.clear()
  })

  test('H4 a busy client that keeps its connections is with the new endpoint 100 ms after each of 100 moves', async () => {
    const [one, other] = [await ground.upstream('one'), await ground.upstream('other')]
    const router = ground.router()
    await router.start(ground.model({hello: [one]}))
    const answers: {startedAt: number; from: string}[] = []
    const agent = new http.Agent({keepAlive: true, maxSockets: 4})
    let isDone = false
    const client = async (): Promise<void> => {
      while (!isDone) {
        const startedAt = performance.now()
        const options = {host: '127.0.0.1', port: ground.port, headers: {'Yard-Service': 'hello'}, agent}
        const {status, headers} = await exchange(options)
        answers.push({startedAt, from: String(headers['x-upstream'] ?? status)})
      }
    }
    const clients = Array.from({length: 4}, client)

    const late: string[] = []
    for (let move = 0; move < 100; move += 1) {
      const [target, name] = move % 2 === 0 ? [other, 'other'] : [one, 'one']
      expect(await router.apply(ground.model({hello: [target]}))).toMatchObject({how: 'runtime'})
      const switchedAt = performance.now()
      await eventually('later answers', () => answers.some(({startedAt}) => startedAt > switchedAt + 110))
      late.push(
        ...answers
          .filter(({startedAt, from}) => startedAt > switchedAt + 100 && from !== name)
          .map(({from}) => from),
      )
      answers.length = 0
    }
    isDone = true
    await Promise.all(clients)
    agent.destroy()

    expect(late).toEqual([])
    expect(await reloads(ground.host())).toBe(0)
  })

  test('H8 100 reloads and 2,000 changes at run time lose no request, of new connections or kept ones', async () => {
    const upstreams = await Promise.all(['a', 'b', 'c'].map((name) => ground.upstream(name)))
    const [a, b, c] = upstreams as [Upstream, Upstream, Upstream]
    const router = ground.router()
    const first = ground.model({hello: [a, b]})
    const settings = {responseMillis: 30_000}
    await router.start({...first, services: first.services.map((each) => ({...each, settings}))})
    // Few clients, so that the changes have most of the machine.
    const load = new Load(ground.port, 'hello', undefined, {fresh: 1, kept: 3})
    const counts = {unchanged: 0, runtime: 0, reload: 0}
    const sets = [
      [a, b, c],
      [b, c],
      [b, draining(a), c],
      [a, c],
      [draining(c), a],
      [a, b],
    ]

    for (let change = 0; change < 2_100; change += 1) {
      const model = ground.model({hello: sets[change % sets.length]!})
      // Another time-out takes a reload: each 21st change.
      const settings = {responseMillis: 30_000 + Math.floor((change + 1) / 21)}
      const services = model.services.map((each) => ({...each, settings}))
      counts[(await router.apply({...model, services})).how] += 1
    }
    await load.stop()

    expect(load.failures).toEqual([])
    expect(counts.reload).toBe(100)
    expect(counts.runtime).toBe(2_000)
    expect(load.done).toBeGreaterThan(1_000)
  }, 600_000)

  test('H14 an instance that is not ready gets no request when it is added, and is left alone after a reload', async () => {
    const [good, unready] = [await ground.upstream('good'), await ground.upstream('unready')]
    unready.readyStatus = 503
    const router = ground.router()
    await router.start(ground.model({hello: [good]}))
    const load = new Load(ground.port, 'hello')
    await router.apply(ground.model({hello: [good, unready], other: [good]}))
    await eventually('requests', () => load.done > 300)

    expect(unready.urls).toEqual([])
    expect(
      await router.apply(ground.model({hello: [good, unready], other: [good]}), {tidiesUp: true}),
    ).toMatchObject({
      how: 'reload',
    })
    const before = unready.urls.length
    const done = load.done
    await eventually('more requests', () => load.done > done + 300)
    expect(unready.urls).toHaveLength(before)
    unready.readyStatus = 200
    await eventually('its first request', () => unready.urls.length > before)
    await load.stop()
    expect(load.failures).toEqual([])
  })

  test('H14 a dead instance costs no client a request, before and after a reload', async () => {
    const [good, dead] = [await ground.upstream('good'), await ground.upstream('dead')]
    const router = ground.router()
    await router.start(ground.model({hello: [good, dead]}))
    const gone = {address: '127.0.0.1', port: dead.port, state: 'up' as const}
    await dead.stop()
    const load = new Load(ground.port, 'hello', ['GET'])
    await eventually('requests', () => load.done > 200)
    await router.apply(ground.model({hello: [good, gone], other: [good]}))
    await router.apply(ground.model({hello: [good, gone], other: [good]}), {tidiesUp: true})
    const done = load.done
    await eventually('more requests', () => load.done > done + 200)
    await load.stop()

    expect(load.failures).toEqual([])
  })
})
