import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {type Upstream} from '../fakes/upstream.js'

import {browser, closedMessage, Doors, request, spoofs, uuid} from './haproxy-doors.js'
import {exchange, haproxyFile, raw, serviceAt} from './haproxy-playground.js'
import {eventually} from './processes-local/playground.js'

const reason = haproxyFile === undefined ? ' (skipped: haproxy is not installed)' : ''
const describeWithHaproxy = haproxyFile === undefined ? describe.skip : describe

let doors: Doors
let ground: Doors['ground']
let ports: Doors['ports']
let open: Upstream
let admin: Upstream

describeWithHaproxy(`a request through the rendered HAProxy${reason}`, () => {
  beforeAll(async () => {
    doors = await Doors.make()
    ;({ground, ports, open, admin} = doors)
  })

  afterAll(async () => {
    await doors.clear()
  })

  describe('with every kind of service', () => {
    beforeAll(async () => {
      await doors.openAll()
    })

    test.each(spoofs)('R3 the host takes a service %s for what it is', async (_how, lines, status) => {
      const before = admin.urls.length
      const answer = await raw(ports.host, request(lines))

      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      expect(admin.urls.length - before).toBe(status === 200 ? 1 : 0)
      if (status === 400 && !lines.includes(' :')) expect(answer).toContain('"error":"several-services"')
    })

    test('a program is told to give up an idle connection before HAProxy does, whatever the service says', async () => {
      for (const [port, headers] of [
        [ports.host, {'yard-service': 'open'}],
        [ports.http, {host: 'open.example.org'}],
      ] as const) {
        const answer = await exchange(port, {headers})
        expect([answer.status, answer.headers['keep-alive']]).toEqual([200, 'timeout=25'])
      }
    })

    test('a closed service says so to programs and to people, on the host and at the edge', async () => {
      const before = open.urls.length
      const message = closedMessage
      const onHost = {headers: {'yard-service': 'closed'}}
      const atEdge = {headers: {host: 'closed.example.org'}}
      for (const [port, asked] of [
        [ports.host, onHost],
        [ports.http, atEdge],
      ] as const) {
        const answer = await exchange(port, asked)
        expect(answer.status).toBe(503)
        expect(answer.headers).toMatchObject({'retry-after': '60', 'yard-router': 'maintenance'})
        expect(JSON.parse(answer.body)).toMatchObject({error: 'maintenance', message})

        const page = await exchange(port, {headers: {...asked.headers, ...browser}})
        expect(page).toMatchObject({status: 503, body: expect.stringContaining(`<p>${message}</p>`)})
        expect(page.headers).toMatchObject({'retry-after': '60', 'content-type': 'text/html; charset=utf-8'})
      }
      expect(open.urls).toHaveLength(before)
    })

    test('a service is closed and opened over the socket', async () => {
      const status = async () => (await exchange(ports.host, {headers: {'yard-service': 'open'}})).status

      await ground.ask('add map maintenance.map open Closed%20now')
      const answer = await exchange(ports.host, {headers: {'yard-service': 'open'}})
      await ground.ask('del map maintenance.map open')

      expect(answer).toMatchObject({status: 503, body: expect.stringContaining('"message":"Closed now"')})
      expect(await status()).toBe(200)
    })

    test('a public route is added over the socket', async () => {
      await ground.ask('add map public.map new.example.org/ admin')
      const answer = await exchange(ports.http, {headers: {host: 'new.example.org'}})

      expect(JSON.parse(answer.body)).toMatchObject({upstream: 'admin'})
    })

    test('a new service is served by a spare backend', async () => {
      const settings = 'weight 100 check inter 1000ms fastinter 250ms downinter 250ms fall 2 rise 1'
      await ground.ask(`add server spare_000/127.0.0.1:${open.port} 127.0.0.1:${open.port} ${settings}`)
      await ground.ask(`set server spare_000/127.0.0.1:${open.port} state ready`)
      await ground.ask(`enable health spare_000/127.0.0.1:${open.port}`)
      await ground.ask('add map services.map brand-new spare_000')
      const answer = await exchange(ports.host, {headers: {'yard-service': 'brand-new'}})
      await eventually('the spare backend checks', async () =>
        (await ground.ask('show stat')).split('\n').some((line) => /^spare_000,127.*L7OK/.test(line)),
      )

      expect(JSON.parse(answer.body)).toMatchObject({upstream: 'open'})
    })

    test('no instance is up: both doors say which service, and only the host says what to type', async () => {
      const onHost = await exchange(ports.host, {headers: {'yard-service': 'empty'}})
      const atEdge = await exchange(ports.http, {headers: {host: 'empty.example.org'}})

      expect(JSON.parse(onHost.body)).toEqual({
        error: 'no-instance-up',
        service: 'empty',
        next: 'yard status',
      })
      expect(JSON.parse(atEdge.body)).toEqual({
        error: 'no-instance-up',
        service: 'empty',
        next: 'try again in a moment',
      })
      for (const answer of [onHost, atEdge]) {
        expect(answer.status).toBe(503)
        expect(answer.headers).toMatchObject({'yard-router': 'no-instance-up'})
        expect(answer.headers['yard-request-id']).toMatch(uuid)
      }
    })

    test('a caller is told apart in the log, and what is no name is not believed', async () => {
      const ask = (consumer: string, id: string) =>
        exchange(ports.host, {
          headers: {'yard-service': 'open', 'yard-consumer': consumer, 'yard-request-id': id},
        })
      await ask('order-history', 'named')
      await ask('Not a name', 'unnamed')
      await exchange(ports.http, {path: '/a"b', headers: {host: 'open.example.org'}})

      const [named, unnamed, edge] = await eventually('three lines', () => {
        const lines = ground.logged()
        const found = [
          lines.find((line) => line['request_id'] === 'named'),
          lines.find((line) => line['request_id'] === 'unnamed'),
          lines.find((line) => line['edge'] === true && line['path'] === '/a"b'),
        ]
        return found.every((line) => line !== undefined) && found
      })
      expect(named).toMatchObject({service: 'open', consumer: 'order-history', status: 200})
      expect(unnamed).toMatchObject({consumer: '-'})
      expect(edge).toMatchObject({
        service: 'open',
        host: 'open.example.org',
        client: '127.0.0.1',
        status: 200,
      })
    })

    test('figures are for Prometheus and for people, and for nobody under a foreign name', async () => {
      const figures = await exchange(ports.statistics, {path: '/metrics'})
      const page = await exchange(ports.statistics, {path: '/'})
      const foreign = await exchange(ports.statistics, {path: '/metrics', headers: {host: 'evil.example'}})
      const elsewhere = await exchange(ports.statistics, {path: '/other'})

      expect(figures.body).toContain('haproxy_server_status{proxy="svc_open"')
      expect(page.headers['content-type']).toMatch(/^text\/html/)
      expect([figures.status, page.status, foreign.status, elsewhere.status]).toEqual([200, 200, 403, 404])
    })
  })

  test('H2 the last of 10,000 services is found as the first, and what is in no map reaches nobody', async () => {
    const others = Array.from({length: 9_998}, (_, index) =>
      serviceAt(`many-${String(index).padStart(4, '0')}`),
    )
    const services = [serviceAt('aaa', open), ...others, serviceAt('zzz', open)]
    await ground.start(doors.model(services))
    await ground.settled()
    const ask = (name: string) => exchange(ports.host, {headers: {'yard-service': name}})
    const statuses = await Promise.all(['aaa', 'zzz', 'many-5000', 'many-9998', 'svc_aaa'].map(ask))
    const missing = await exchange(ports.host, {})

    expect(statuses.map(({status}) => status)).toEqual([200, 200, 503, 404, 404])
    expect(missing).toMatchObject({status: 404, headers: {'yard-router': 'no-service-named'}})
    expect(statuses.slice(2).map(({headers}) => headers['yard-router'])).toEqual([
      ...['no-instance-up', 'unknown-service', 'unknown-service'],
    ])
  })
})
