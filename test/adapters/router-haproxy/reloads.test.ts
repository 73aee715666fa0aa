import {readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {SystemClock} from '../../../src/adapters/clock-system/index.js'
import {type Clock} from '../../../src/contracts/clock.js'
import {type RouterHost} from '../../../src/contracts/router-host.js'
import {type RoutingModel} from '../../../src/domain/routing.js'
import {eventually} from '../processes-local/playground.js'

import {Load} from './load.js'
import {haproxy, overlaid, Playground, skipReason} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground
let loads: Load[]

describeWithHaproxy(`which servers a reload takes for down${skipReason}`, () => {
  beforeEach(async () => {
    ground = await new Playground().prepare()
    loads = []
  })

  afterEach(async () => {
    await Promise.all(loads.map((load) => load.stop()))
    await ground.clear()
  })

  test('none that get requests, when nobody answers in time whether they are well', async () => {
    const upstream = await ground.upstream('it')
    await ground.router().start(ground.model({hello: [upstream]}))
    const host = ground.host()
    let isBusy = false
    const ask: RouterHost['ask'] = async (socket, line) => {
      if (line === 'reload') isBusy = false
      return isBusy && line.startsWith('show servers state') ? undefined : host.ask(socket, line)
    }
    // The last that is asked for before it is looked which servers get requests.
    const descriptorLimit: RouterHost['descriptorLimit'] = async () => {
      isBusy = configText().includes('timeout server 30000ms')
      return host.descriptorLimit()
    }
    const passesCheck = () => new Promise<boolean>(() => {})
    const router = ground.router({host: overlaid(host, {ask, descriptorLimit, passesCheck})})
    await router.start(ground.model({hello: [upstream]}))
    const load = loadOnHello()
    await eventually('requests', () => load.done > 20)

    expect(await router.apply(special(ground.model({hello: [upstream], more: [upstream]})))).toMatchObject({
      how: 'reload',
    })
    await untilMore(load)
    await load.stop()
    expect(load.failures).toEqual([])
  })

  test('none that was raised while others were asked, neither in the old worker nor in the new one', async () => {
    const upstream = await ground.upstream('it')
    const host = ground.host()
    let load: Load | undefined
    let statesAtReload: string | undefined
    const passesCheck: RouterHost['passesCheck'] = async (check) => {
      // Newcomers are asked before anything is written; who is asked then may be raised at any time, also too late.
      if (!configText().includes('timeout server 30000ms')) return host.passesCheck(check)
      if (upstream.readyStatus === 503) {
        upstream.readyStatus = 200
        await eventually('its own check', async () => (await statusOf('hello')) === 200)
        load = loadOnHello()
      }
      return undefined
    }
    const ask: RouterHost['ask'] = async (socket, line) => {
      if (line === 'reload') statesAtReload ??= statesText()
      return host.ask(socket, line)
    }
    await ground.router().start(ground.model({hello: [upstream]}))
    const router = ground.router({host: overlaid(host, {passesCheck, ask}), clock: patientClock()})
    await router.start(ground.model({hello: [upstream]}))
    upstream.readyStatus = 503
    await eventually('its end', async () => (await statusOf('hello')) === 503)

    expect(await router.apply(special(ground.model({hello: [upstream], more: [upstream]})))).toMatchObject({
      how: 'reload',
    })
    expect(statesAtReload).toContain('svc_more')
    expect(statesAtReload).not.toContain('svc_hello')
    await untilMore(load!)
    await load?.stop()
    expect(load?.failures).toEqual([])
  })

  test('not all of a service that is served: its only new one may show first that it is well', async () => {
    const [one, other] = [await ground.upstream('one'), await ground.upstream('other')]
    const host = ground.host()
    other.readyStatus = 503
    let questions = 0
    const passesCheck: RouterHost['passesCheck'] = async (check) => {
      const passes = await host.passesCheck(check)
      if (check.port === other.port && ++questions === 3) other.readyStatus = 200
      return passes
    }
    const router = ground.router({host: overlaid(host, {passesCheck})})
    await router.start(ground.model({hello: [one], more: [one]}))
    const load = loadOnHello()
    await eventually('requests', () => load.done > 20)

    expect(await router.apply(special(ground.model({hello: [other], more: [one]})))).toMatchObject({
      how: 'reload',
    })
    await untilMore(load)
    await load.stop()
    expect(load.failures).toEqual([])
    expect(other.urls.length).toBeGreaterThan(0)
  })

  test('H14 one that is not ready gets no request in 20 reloads', async () => {
    const [good, unready] = [await ground.upstream('good'), await ground.upstream('unready')]
    unready.readyStatus = 503
    const router = ground.router()
    await router.start(ground.model({hello: [good, unready], more: [good]}))
    const load = loadOnHello()
    for (let round = 0; round < 20; round += 1) {
      const model = special(ground.model({hello: [good, unready], more: [good]}), round)
      expect(await router.apply(model)).toMatchObject({how: 'reload', isComplete: true})
      await untilMore(load)
    }

    expect(unready.urls).toEqual([])
    expect(statesText()).toBe('1\n')
    unready.readyStatus = 200
    await eventually('its first request', () => unready.urls.length > 0)
    await load.stop()
    expect(load.failures).toEqual([])
  })

  test('H14 one that is not ready gets no request when HAProxy starts', async () => {
    const [good, unready] = [await ground.upstream('good'), await ground.upstream('unready')]
    unready.readyStatus = 503
    const router = ground.router()
    const starting = router.start(ground.model({hello: [good, unready]}))
    await eventually('an answer', async () => (await statusOf('hello').catch(() => 0)) === 200)
    const answers = await Promise.all(Array.from({length: 40}, () => statusOf('hello')))
    await starting

    expect(new Set(answers)).toEqual(new Set([200]))
    expect(unready.urls).toEqual([])
  })

  test('none of the file that an earlier reload left behind, once another change is in place', async () => {
    const upstream = await ground.upstream('it')
    await ground.router().start(ground.model({hello: [upstream]}))
    writeFileSync(statesFile(), '1\n0 svc_hello 0 x\nnonsense\n')

    const router = ground.router()
    await router.start(ground.model({hello: [upstream], more: [upstream]}))

    expect(statesText()).toBe('1\n')
    expect(await statusOf('hello')).toBe(200)
  })
})

function loadOnHello(): Load {
  const load = new Load(ground.port, 'hello')
  loads.push(load)
  return load
}

async function untilMore(load: Load): Promise<void> {
  const {done} = load
  await eventually('more requests', () => load.done > done + 60)
}

function special(model: RoutingModel, round = 0): RoutingModel {
  const services = model.services.map((service) =>
    service.name === 'more' ? {...service, settings: {responseMillis: 30_000 + round}} : service,
  )
  return {...model, services}
}

async function statusOf(service: string): Promise<number> {
  return (await ground.get({'Yard-Service': service})).status
}

function configText(): string {
  return readFileSync(path.join(ground.routerDirectory, 'haproxy.cfg'), 'utf8')
}

function statesFile(): string {
  return path.join(ground.routerDirectory, 'servers.state')
}

function statesText(): string {
  return readFileSync(statesFile(), 'utf8')
}

/** Waits for those that are asked until they answer: HAProxy's own check may take longer than the usual patience. */
function patientClock(): Clock {
  const clock = new SystemClock()
  return {
    now: () => clock.now(),
    monotonicMillis: () => clock.monotonicMillis(),
    sleep: (millis, signal, options) => clock.sleep(millis >= 300 ? 10_000 : millis, signal, options),
  }
}
