import http from 'node:http'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {type Upstream} from '../../fakes/upstream.js'
import {eventually} from '../processes-local/playground.js'

import {draining, exchange, haproxy, Playground, skipReason} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground

describeWithHaproxy(`a change of the model${skipReason}`, () => {
  beforeEach(async () => {
    ground = await new Playground().prepare()
  })

  afterEach(async () => {
    await ground.clear()
  })

  test('goes over the socket when only instances change', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    const router = ground.router()
    await router.start(ground.model({hello: [first]}))
    const worker = await workerPid()

    expect(await router.apply(ground.model({hello: [first]}))).toEqual({how: 'unchanged', skipped: []})
    expect(await router.apply(ground.model({hello: [first, second]}))).toMatchObject({how: 'runtime'})
    expect(await router.apply(ground.model({hello: [draining(first), second]}))).toMatchObject({
      how: 'runtime',
    })
    expect(await answering(20)).toEqual(['second'])
    expect(await router.apply(ground.model({hello: [first, draining(second)]}))).toMatchObject({
      how: 'runtime',
    })
    expect(await answering(20)).toEqual(['first'])
    expect(await router.apply(ground.model({hello: [first]}))).toMatchObject({how: 'runtime'})
    expect(await router.servers()).toMatchObject([{service: 'hello', endpoint: `127.0.0.1:${first.port}`}])
    expect(await router.apply(ground.model({hello: [second]}))).toMatchObject({how: 'runtime'})
    expect(await answering(20)).toEqual(['second'])
    expect(await workerPid()).toBe(worker)
  }, 30_000)

  test('shares requests out by weight, over the socket, and says so in its file', async () => {
    const [much, little] = [await ground.upstream('much'), await ground.upstream('little')]
    const weighed = (upstream: Upstream, weight: number) => ({
      ...{address: '127.0.0.1', port: upstream.port, state: 'up' as const},
      weight,
    })
    const router = ground.router()
    await router.start(ground.model({hello: [much, little]}))
    await eventually('both are healthy', async () => (await answering(20)).length === 2)

    expect(await router.apply(ground.model({hello: [much, weighed(little, 10)]}))).toMatchObject({
      how: 'runtime',
    })
    await ground.get({'Yard-Service': 'hello'})
    const before = little.urls.length
    for (let request = 0; request < 110; request++) await ground.get({'Yard-Service': 'hello'})
    expect(little.urls.length - before).toBeGreaterThanOrEqual(5)
    expect(little.urls.length - before).toBeLessThanOrEqual(20)

    expect(await router.apply(ground.model({hello: [much, weighed(little, 0)]}))).toMatchObject({
      how: 'runtime',
    })
    expect(await answering(30)).toEqual(['much'])
    // A reload keeps the weight: it's in the file.
    expect(await router.apply(ground.model({hello: [much, weighed(little, 0)], more: []}))).toMatchObject({
      how: 'reload',
    })
    expect(await answering(30)).toEqual(['much'])
  }, 30_000)

  test('waits for the health check of the new instance before it takes the old one away', async () => {
    const [old, fresh] = [await ground.upstream('old'), await ground.upstream('fresh')]
    const router = ground.router()
    await router.start(ground.model({hello: [old]}))
    fresh.readyStatus = 503
    setTimeout(() => (fresh.readyStatus = 200), 700)

    const change = router.apply(ground.model({hello: [fresh]}))
    const answers = await requestsUntil(change)

    expect(answers.filter(({status}) => status !== 200)).toEqual([])
    expect(await answering(10)).toEqual(['fresh'])
  }, 30_000)

  test('gives no request to an added instance that is not ready', async () => {
    const [good, unready] = [await ground.upstream('good'), await ground.upstream('unready')]
    unready.readyStatus = 503
    const router = ground.router()
    await router.start(ground.model({hello: [good]}))
    await router.apply(ground.model({hello: [good, unready]}))

    expect(await answering(100)).toEqual(['good'])
    expect(await healthOf(router, unready)).toBe(false)
    unready.readyStatus = 200
    await eventually('its health', () => healthOf(router, unready))
    expect(await answering(20)).toEqual(['good', 'unready'])
    // A reload makes a new worker, which must not trust it blindly either.
    unready.readyStatus = 503
    await eventually('its sickness', async () => !(await healthOf(router, unready)))
    expect(await router.apply(ground.model({hello: [good, unready], more: []}))).toMatchObject({
      how: 'reload',
    })
    expect(await answering(100)).toEqual(['good'])
  }, 30_000)

  test('reloads for a new and a removed service, and proves it', async () => {
    const upstream = await ground.upstream('it')
    const router = ground.router()
    await router.start(ground.model({}))
    const worker = await workerPid()
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(404)

    expect(await router.apply(ground.model({hello: [upstream]}))).toMatchObject({how: 'reload'})
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
    expect(await workerPid()).not.toBe(worker)
    expect(await router.apply(ground.model({}))).toMatchObject({how: 'reload'})
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(404)
  }, 30_000)

  test('counts the requests under way to a draining instance', async () => {
    const [old, fresh] = [await ground.upstream('old'), await ground.upstream('fresh')]
    old.delayMillis = 1_000
    const router = ground.router()
    await router.start(ground.model({hello: [old]}))
    const slow = ground.get({'Yard-Service': 'hello'})
    await eventually('the request', () => old.urls.length === 1)
    await router.apply(ground.model({hello: [draining(old), fresh]}))

    const [endpoint] = [`127.0.0.1:${old.port}`]
    expect((await router.servers()).find((server) => server.endpoint === endpoint)?.connections).toBe(1)
    expect((await slow).status).toBe(200)
    await eventually('the drain', async () => (await connectionsOf(router, endpoint)) === 0)
  }, 30_000)

  test('leaves out what is hostile, says so, and serves the others', async () => {
    const upstream = await ground.upstream('it')
    const router = ground.router()
    await router.start(ground.model({}))
    const model = ground.model({'evil\n  server x 203.0.113.9:80': [upstream], hello: [upstream]})
    model.services[1]!.servers.push({address: 'unix@/run/x.sock', port: 80, state: 'up'})

    const applied = await router.apply(model)

    expect(applied.skipped).toHaveLength(2)
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
  }, 30_000)

  test('loses no request under load, over the socket or by reloads', async () => {
    const upstreams = await Promise.all(['a', 'b', 'c', 'd'].map((name) => ground.upstream(name)))
    const [a, b, c, d] = upstreams as [Upstream, Upstream, Upstream, Upstream]
    const router = ground.router()
    await router.start(ground.model({hello: [a]}))
    const load = new Load(ground.port)

    const hows: string[] = []
    for (let round = 0; round < 6; round += 1) {
      const [now, next, other] = round % 2 === 0 ? [a, b, c] : [b, a, d]
      const models = [
        {hello: [now, next]},
        {hello: [draining(now), next]},
        {hello: [next], [`extra-${round}`]: [other]},
        {hello: [next, other], [`extra-${round}`]: [other]},
        {hello: [next]},
      ]
      for (const services of models) hows.push((await router.apply(ground.model(services))).how)
    }
    await eventually('enough requests', () => load.done > 2_500, 30_000)
    await load.stop()

    expect(load.failures).toEqual([])
    expect(load.done).toBeGreaterThan(2_000)
    expect(hows.filter((how) => how === 'reload')).toHaveLength(12)
    expect(hows.filter((how) => how === 'runtime')).toHaveLength(18)
  }, 90_000)
})

/** Clients that open a connection for each request, and clients that keep theirs. */
class Load {
  done = 0
  readonly failures: string[] = []
  private isStopped = false
  private readonly clients: Promise<void>[]
  private readonly agent = new http.Agent({keepAlive: true, maxSockets: 8})

  constructor(private readonly port: number) {
    const fresh = Array.from({length: 4}, () => this.client(false))
    const paced = Array.from({length: 8}, () => this.client(this.agent))
    this.clients = [...fresh, ...paced]
  }

  async stop(): Promise<void> {
    this.isStopped = true
    await Promise.all(this.clients)
    this.agent.destroy()
  }

  private async client(agent: http.Agent | false): Promise<void> {
    const headers = {'Yard-Service': 'hello'}
    while (!this.isStopped) {
      const method = this.done % 10 === 0 ? 'POST' : 'GET'
      const options = {host: '127.0.0.1', port: this.port, headers, agent, method}
      const outcome = await exchange(options).then(
        ({status}) => (status === 200 ? '' : `status ${status}`),
        (error: unknown) => String(error),
      )
      this.done += 1
      if (outcome !== '') this.failures.push(`${agent === false ? 'new' : 'kept'} ${method}: ${outcome}`)
      await new Promise((resolve) => setTimeout(resolve, agent === false ? 5 : 20))
    }
  }
}

async function workerPid(): Promise<string | undefined> {
  const lines = await ground.processPlayground.manager().lastLines('haproxy', 500)
  return lines.findLast((line) => line.includes('New worker'))
}

async function answering(count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({length: count}, () => ground.get({'Yard-Service': 'hello'})))
  return [...new Set(answers.map(({headers, status}) => String(headers['x-upstream'] ?? status)))].sort()
}

async function requestsUntil(end: Promise<unknown>) {
  const answers = []
  const open = new Set([end])
  void end.finally(() => open.delete(end))
  while (open.size > 0) answers.push(await ground.get({'Yard-Service': 'hello'}))
  await end
  return answers
}

type Router = ReturnType<Playground['router']>

async function healthOf(router: Router, {port}: Upstream): Promise<boolean | undefined> {
  return (await router.servers()).find(({endpoint}) => endpoint === `127.0.0.1:${port}`)?.healthy
}

async function connectionsOf(router: Router, endpoint: string): Promise<number | undefined> {
  return (await router.servers()).find((server) => server.endpoint === endpoint)?.connections
}
