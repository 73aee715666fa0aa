import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {type RouterHost} from '../../../src/contracts/router-host.js'
import {type RoutingModel} from '../../../src/domain/routing.js'
import {type Upstream} from '../../fakes/upstream.js'
import {eventually} from '../processes-local/playground.js'

import {Load} from './load.js'
import {draining, haproxy, overlaid, Playground, reloads, skipReason} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground

describeWithHaproxy(`a change of the model${skipReason}`, () => {
  beforeEach(async () => {
    ground = await new Playground().prepare()
  })

  afterEach(async () => {
    await ground.clear()
  })

  test('H3 an instance is added, drained and removed without a reload, and read back', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    const router = ground.router()
    await router.start(ground.model({hello: [first]}))
    const worker = await workerPid()

    expect(await router.apply(ground.model({hello: [first]}))).toMatchObject({how: 'unchanged', skipped: []})
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
  })

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
    expect(
      await router.apply(special(ground.model({hello: [much, weighed(little, 0)], more: []}))),
    ).toMatchObject({
      how: 'reload',
    })
    expect(await answering(30)).toEqual(['much'])
  })

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
  })

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
    expect(await router.apply(special(ground.model({hello: [good, unready], more: []})))).toMatchObject({
      how: 'reload',
    })
    expect(await answering(100)).toEqual(['good'])
  })

  test('H3 an answer that is not a success leads to one reload, and that is told', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    const host = ground.host()
    let refusals = 0
    const ask: RouterHost['ask'] = async (socket, line) => {
      const answer = await host.ask(socket, line)
      if (!line.includes('add server') || refusals > 0) return answer
      refusals += 1
      return '\n[3]: Already exists a server with the same name.\n\n'
    }
    const router = ground.router({host: overlaid(host, {ask})})
    await router.start(ground.model({hello: [first]}))

    const applied = await router.apply(ground.model({hello: [first, second]}))

    expect(applied).toMatchObject({how: 'reload', isComplete: true})
    expect(applied.reasons).toEqual(['HAProxy answered [3]: Already exists a server with the same name.'])
    expect(await reloads(host)).toBe(1)
    expect(await answering(10)).toEqual(['first', 'second'])
  })

  test('closes a service for maintenance and opens it again without a reload', async () => {
    const upstream = await ground.upstream('it')
    const router = ground.router()
    const open = ground.model({hello: [upstream]})
    await router.start(open)
    const closed = {
      ...open,
      services: open.services.map((service) => ({...service, maintenance: 'Back at 10; really'})),
    }

    expect(await router.apply(closed)).toMatchObject({how: 'runtime', owesReload: false})
    const answer = await ground.get({'Yard-Service': 'hello'})
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([503, {message: 'Back at 10; really'}])
    expect(await router.apply(open)).toMatchObject({how: 'runtime', owesReload: false})
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
  })

  test('tells in what HAProxy differs from what was applied, and mends it', async () => {
    const upstream = await ground.upstream('it')
    const [host, endpoint] = [ground.host(), `127.0.0.1:${upstream.port}`]
    const router = ground.router()
    const model = ground.model({hello: [upstream], other: [upstream]})
    await router.start(model)
    expect(await router.health()).toMatchObject({answers: true, workers: 1, drift: []})
    const hand = `set server svc_hello/${endpoint} weight 7;set server svc_other/${endpoint} state maint`
    await host.ask('admin', `${hand};del map services.map hello`)

    expect((await router.health()).drift).toEqual([
      `hello: ${endpoint} has weight 7 instead of 100`,
      `other: ${endpoint} is in maintenance`,
      'hello is missing in services.map',
    ])
    await eventually('the mending', async () => (await router.apply(model)).how === 'runtime', 10_000)
    expect((await router.health()).drift).toEqual([])
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
  })

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
  })

  test('leaves out what is hostile, says so, and serves the others', async () => {
    const upstream = await ground.upstream('it')
    const router = ground.router()
    await router.start(ground.model({}))
    const model = ground.model({'evil\n  server x 203.0.113.9:80': [upstream], hello: [upstream]})
    model.services[1]!.servers.push({address: 'unix@/run/x.sock', port: 80, state: 'up'})

    const applied = await router.apply(model)

    expect(applied.skipped).toHaveLength(2)
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
  })

  test('loses no request under load, over the socket or by reloads', async () => {
    const upstreams = await Promise.all(['a', 'b', 'c', 'd'].map((name) => ground.upstream(name)))
    const [a, b, c, d] = upstreams as [Upstream, Upstream, Upstream, Upstream]
    const router = ground.router()
    await router.start(ground.model({hello: [a]}))
    const load = new Load(ground.port, 'hello')

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
      for (const [step, services] of models.entries()) {
        hows.push((await router.apply(ground.model(services), {tidiesUp: step === 3})).how)
      }
    }
    await eventually('enough requests', () => load.done > 2_500, 30_000)
    await load.stop()

    expect(load.failures).toEqual([])
    expect(load.done).toBeGreaterThan(2_000)
    expect(hows.filter((how) => how === 'reload')).toHaveLength(6)
    expect(hows.filter((how) => how === 'runtime')).toHaveLength(24)
  })
})

/** A service `more` with a health path of its own fits no spare backend. */
function special(model: RoutingModel): RoutingModel {
  const services = model.services.map((service) =>
    service.name === 'more' ? {...service, healthPath: '/up'} : service,
  )
  return {...model, services}
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
