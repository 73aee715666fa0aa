import {readFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {type RoutingModel} from '../../../src/domain/routing.js'
import {freePort} from '../../support/free-port.js'
import {eventually} from '../processes-local/playground.js'

import {haproxy, Playground, skipReason, workerPid} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground

describeWithHaproxy(`services that come and go${skipReason}`, () => {
  beforeEach(async () => {
    ground = await new Playground().prepare()
  })

  afterEach(async () => {
    await ground.clear()
  })

  test('serves a new service at once over a spare backend, and a reload that is owed gives it its own', async () => {
    const [upstream, other] = [await ground.upstream('it'), await ground.upstream('other')]
    const router = ground.router()
    await router.start(ground.model({}))
    const worker = await workerPid(ground.host())
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(404)

    expect(await router.apply(ground.model({hello: [upstream]}))).toMatchObject({
      ...{how: 'runtime', isComplete: true, owesReload: true},
    })
    expect(await answering(10)).toEqual(['it'])
    expect(await router.servers()).toMatchObject([
      {service: 'hello', endpoint: `127.0.0.1:${upstream.port}`, healthy: true},
    ])
    expect((await router.health()).drift).toEqual([])
    expect(await router.apply(ground.model({hello: [upstream, other]}))).toMatchObject({how: 'runtime'})
    await eventually('both', async () => (await answering(10)).length === 2)
    expect(await workerPid(ground.host())).toBe(worker)

    expect(await router.apply(ground.model({hello: [upstream, other]}), {tidiesUp: true})).toMatchObject({
      ...{how: 'reload', isComplete: true, owesReload: false},
    })
    expect(await workerPid(ground.host())).not.toBe(worker)
    expect(await answering(10)).toEqual(['it', 'other'])
    expect(await router.servers()).toHaveLength(2)
  })

  test('takes a removed service out of the map at once', async () => {
    const upstream = await ground.upstream('it')
    const router = ground.router()
    await router.start(ground.model({hello: [upstream], other: [upstream]}))

    expect(await router.apply(ground.model({other: [upstream]}))).toMatchObject({
      ...{how: 'runtime', isComplete: true, owesReload: true},
    })
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(404)
    expect((await ground.get({'Yard-Service': 'other'})).status).toBe(200)
    expect((await router.servers()).map(({service}) => service)).toEqual(['other'])
    // It comes back to the backend that idled.
    expect(await router.apply(ground.model({hello: [upstream], other: [upstream]}))).toMatchObject({
      ...{how: 'runtime', owesReload: false},
    })
    expect((await ground.get({'Yard-Service': 'hello'})).status).toBe(200)
  })

  test('reloads for a service that is not plain, and when no spare backend is free', async () => {
    const upstream = await ground.upstream('it')
    const router = ground.router({spares: 1})
    await router.start(ground.model({}))

    expect(await router.apply(special(ground.model({more: [upstream]})))).toMatchObject({
      ...{how: 'reload', reasons: ['more is new']},
    })
    expect((await ground.get({'Yard-Service': 'more'})).status).toBe(200)
    const model = ground.model({hello: [upstream], other: [upstream]})
    expect(await router.apply(model)).toMatchObject({how: 'reload', owesReload: false})
    expect((await ground.get({'Yard-Service': 'other'})).status).toBe(200)
  })

  test('serves instances that only accept connections, over the socket and after a reload, and no others', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    // Over HTTP neither would count as well.
    first.readyStatus = second.readyStatus = 503
    const router = ground.router()
    const nobody = {address: '127.0.0.1', port: await freePort(), state: 'up' as const}
    await router.start(withoutPath(ground.model({hello: [first, nobody]})))
    await eventually('its first answer', async () => (await answering(1))[0] === 'first')
    expect(await answering(10)).toEqual(['first'])

    expect(await router.apply(withoutPath(ground.model({hello: [second, nobody]})))).toMatchObject({
      ...{how: 'runtime', isComplete: true},
    })
    expect(await answering(10)).toEqual(['second'])
    await eventually('the check of a port where nobody listens', async () =>
      (await router.servers()).every(
        ({endpoint, healthy}) => healthy === !endpoint.endsWith(`:${nobody.port}`),
      ),
    )
    expect((await router.health()).drift).toEqual([])

    expect(await router.apply(ground.model({hello: [second]}))).toMatchObject({
      ...{how: 'reload', reasons: ['the settings of hello changed']},
    })
    await eventually('the check over HTTP', async () =>
      (await router.servers()).every(({healthy}) => !healthy),
    )
  })

  test('waits with a reload that it may not do, and does what it can meanwhile', async () => {
    const [first, second] = [await ground.upstream('first'), await ground.upstream('second')]
    const router = ground.router()
    await router.start(ground.model({hello: [first]}))
    const worker = await workerPid(ground.host())
    const wanted = special(ground.model({hello: [second], more: [first]}))

    expect(await router.apply(wanted, {mayReload: false})).toMatchObject({
      ...{how: 'runtime', isComplete: false, owesReload: true, reasons: ['more is new']},
    })
    expect(await answering(10)).toEqual(['second'])
    expect((await ground.get({'Yard-Service': 'more'})).status).toBe(404)
    expect(await workerPid(ground.host())).toBe(worker)
    expect(readFileSync(path.join(ground.routerDirectory, 'haproxy.cfg'), 'utf8')).toContain(
      'backend svc_more',
    )
    expect(await router.apply(wanted)).toMatchObject({how: 'reload', isComplete: true})
    expect((await ground.get({'Yard-Service': 'more'})).status).toBe(200)
  })
})

/** A service `more` with a health path of its own fits no spare backend. */
function special(model: RoutingModel): RoutingModel {
  const services = model.services.map((service) =>
    service.name === 'more' ? {...service, healthPath: '/up'} : service,
  )
  return {...model, services}
}

function withoutPath(model: RoutingModel): RoutingModel {
  return {...model, services: model.services.map(({name, servers}) => ({name, servers}))}
}

async function answering(count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({length: count}, () => ground.get({'Yard-Service': 'hello'})))
  return [...new Set(answers.map(({headers, status}) => String(headers['x-upstream'] ?? status)))].sort()
}
