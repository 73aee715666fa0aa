import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {type RoutedSettings} from '../../src/domain/routing.js'
import {type Upstream} from '../fakes/upstream.js'

import {Doors} from './haproxy-doors.js'
import {type Answer, exchange, haproxyFile, serviceAt} from './haproxy-playground.js'

const reason = haproxyFile === undefined ? ' (skipped: haproxy is not installed)' : ''
const describeWithHaproxy = haproxyFile === undefined ? describe.skip : describe

let doors: Doors
let slow: Upstream

describeWithHaproxy(`the settings of a service in the rendered HAProxy${reason}`, () => {
  beforeAll(async () => {
    doors = await Doors.make()
    slow = await doors.ground.upstream('slow')
    slow.delayMillis = 1_000
    const service = (name: string, settings: RoutedSettings) => ({...serviceAt(name, slow), settings})
    const services = [
      service('hasty', {responseMillis: 200}),
      service('patient', {responseMillis: 20_000}),
      service('narrow', {maxConnections: 1, queueMillis: 200}),
      service('waiting', {maxConnections: 1, queueMillis: 20_000}),
      service('growing', {slowStartMillis: 60_000, connectMillis: 500, retries: 0}),
    ]
    await doors.ground.start(doors.model(services, {checkMillis: 2_000}))
    await doors.ground.settled()
  })

  afterAll(async () => {
    await doors.clear()
  })

  function ask(name: string): Promise<Answer> {
    return exchange(doors.ports.host, {headers: {'yard-service': name}})
  }

  test('an answer that takes longer than the service may is given up', async () => {
    const answer = await ask('hasty')

    expect(answer).toMatchObject({status: 504, headers: {'yard-router': 'answer-timeout'}})
    expect(JSON.parse(answer.body)).toEqual({error: 'answer-timeout', next: 'yard logs tail'})
    expect((await ask('patient')).status).toBe(200)
  })

  test('what has no room waits as long as the service says', async () => {
    const narrow = await Promise.all([ask('narrow'), ask('narrow')])
    const waiting = await Promise.all([ask('waiting'), ask('waiting')])

    expect(narrow.map(({status}) => status).sort()).toEqual([200, 503])
    expect(waiting.map(({status}) => status)).toEqual([200, 200])
  })

  test('a server that is added over the socket starts as slowly as one of the file', async () => {
    const added = `svc_growing/127.0.0.2:${slow.port}`
    const [, settings = ''] =
      /^backend svc_growing\n[^]*?^ {2}server \S+ \S+ (.*)$/m.exec(doors.ground.config()) ?? []
    await doors.ground.ask(`add server ${added} 127.0.0.1:${slow.port} ${settings}`)
    const commands = ['state ready', 'health down'].map((change) => `set server ${added} ${change}`)
    await doors.ground.ask([...commands, `enable health ${added}`].join(';'))
    await doors.ground.ask(`set server ${added} health up`)
    const statistics = (await doors.ground.ask('show stat')).split('\n')
    const row = statistics.find((line) => line.startsWith('svc_growing,127.0.0.2'))
    const weight = Number(row?.split(',')[18])

    expect(settings).toMatch(/^weight 100 .*slowstart 60000ms/)
    expect(weight).toBeGreaterThan(0)
    expect(weight).toBeLessThan(50)
  })
})
