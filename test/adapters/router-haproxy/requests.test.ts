import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {freePort} from '../../support/free-port.js'
import {type Upstream} from '../../fakes/upstream.js'
import {eventually} from '../processes-local/playground.js'

import {haproxy, Playground, skipReason} from './playground.js'

const describeWithHaproxy = haproxy === undefined ? describe.skip : describe
let ground: Playground
let hello: Upstream
let sick: Upstream

describeWithHaproxy(`a request through HAProxy${skipReason}`, () => {
  beforeAll(async () => {
    ground = await new Playground().prepare()
    hello = await ground.upstream('hello')
    sick = await ground.upstream('sick')
    sick.readyStatus = 503
    await ground.router().start(ground.model({hello: [hello], sick: [sick], empty: []}))
    await eventually(
      'the sick one to be seen',
      async () => (await ground.get({'Yard-Service': 'sick'})).status === 503,
    )
  })

  afterAll(async () => {
    await ground.clear()
  })

  test.each([
    ['the header', {'Yard-Service': 'hello'}],
    ['the header in capitals', {'YARD-SERVICE': 'HELLO'}],
    ['the header in small letters', {'yard-service': 'hello'}],
    ['the header in mixed case', {'yArD-SeRvIcE': 'Hello'}],
    ['the header with space around', {'Yard-Service': '  hello  '}],
    ['the host', {Host: 'hello.localhost'}],
    ['the host with any port and case', {Host: 'Hello.LOCALHOST:9999'}],
    ['the header before the host', {Host: 'empty.localhost', 'Yard-Service': 'hello'}],
  ])('reaches a service by %s', async (_how, headers) => {
    const answer = await ground.get(headers, '/some/path?x=1')

    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({upstream: 'hello', url: '/some/path?x=1'})
  })

  test.each([
    ['nowhere', '{"error":"unknown-service","service":"nowhere","next":"yard services list"}'],
    ['NoWhere', '{"error":"unknown-service","service":"nowhere","next":"yard services list"}'],
    ['svc_hello', '{"error":"unknown-service","next":"yard services list"}'],
    ['../hello', '{"error":"unknown-service","next":"yard services list"}'],
    ['hello;x', '{"error":"unknown-service","next":"yard services list"}'],
    ['"hello"', '{"error":"unknown-service","next":"yard services list"}'],
    ['%[env(HOME)]', '{"error":"unknown-service","next":"yard services list"}'],
    ['', '{"error":"unknown-service","next":"yard services list"}'],
    ['a'.repeat(9_000), '{"error":"unknown-service","next":"yard services list"}'],
  ])('gets 404 for the unknown service %.20s', async (name, body) => {
    const answer = await ground.get({'Yard-Service': name})

    expect(answer).toMatchObject({status: 404, body})
    expect(answer.headers['content-type']).toBe('application/json')
    expect(JSON.parse(answer.body)).toMatchObject({error: 'unknown-service'})
  })

  test.each([
    ['an underscore in the name of the header', {Yard_Service: 'hello'}],
    ['neither header nor host', {Host: '127.0.0.1'}],
    ['a host that only looks like one', {Host: 'hello.localhost.evil.example'}],
  ])('is told how to name a service after %s', async (_what, headers) => {
    const answer = await ground.get(headers)

    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.body)).toEqual({
      error: 'no-service-named',
      next: 'send the header Yard-Service: NAME, or use the host NAME.localhost',
    })
  })

  test.each([
    ['two header lines', 'Yard-Service: hello\r\nYard-Service: hello\r\n'],
    ['two header lines in different case', 'yard-service: hello\r\nYARD-SERVICE: empty\r\n'],
    ['a comma', 'Yard-Service: public, hello\r\n'],
    ['a comma at the end', 'Yard-Service: hello,\r\n'],
    ['a folded line', 'Yard-Service: public\r\n , hello\r\n'],
  ])('is refused with %s', async (_what, lines) => {
    const before = hello.urls.length
    const answer = await ground.raw(`GET / HTTP/1.1\r\nHost: x\r\n${lines}Connection: close\r\n\r\n`)

    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({error: 'several-services'})
    expect(hello.urls).toHaveLength(before)
  })

  test.each([
    ['a NUL after the name', 'Yard-Service: hello\0\r\n', 404],
    ['a NUL and more after the name', 'Yard-Service: hello\0x\r\n', 404],
    ['a folded name', 'Yard-Service: hel\r\n lo\r\n', 404],
    ['a space before the colon', 'Yard-Service : hello\r\n', 400],
    ['two hosts', 'Host: hello.localhost\r\n', 400],
  ])('reaches nobody with %s', async (_what, lines, status) => {
    const before = hello.urls.length
    const answer = await ground.raw(`GET / HTTP/1.1\r\nHost: x\r\n${lines}Connection: close\r\n\r\n`)

    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(hello.urls).toHaveLength(before)
  })

  test('reaches the service when a space follows the name', async () => {
    const answer = await ground.raw(
      'GET / HTTP/1.1\r\nHost: x\r\nYard-Service: hello \r\nConnection: close\r\n\r\n',
    )

    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  })

  test.each(['sick', 'empty'])('gets 503 while no instance of %s is up', async (name) => {
    const answer = await ground.get({'Yard-Service': name})

    expect(answer.status).toBe(503)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(JSON.parse(answer.body)).toEqual({error: 'no-instance-up', service: name, next: 'yard status'})
    expect(sick.urls).toEqual([])
  })

  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

  test('is given a request id and a trace that the service and the caller see', async () => {
    const answer = await ground.get({'Yard-Service': 'hello'})
    const seen = headersSeen(answer.body)

    expect(seen['yard-request-id']).toMatch(uuid)
    expect(answer.headers['yard-request-id']).toBe(seen['yard-request-id'])
    expect(seen['traceparent']).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/)
    const other = headersSeen((await ground.get({'Yard-Service': 'hello'})).body)
    expect(other['traceparent']).not.toBe(seen['traceparent'])
  })

  test('keeps a request id and a trace that are well formed', async () => {
    const kept = {
      'yard-request-id': 'Order_7.retry-2',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
      tracestate: 'vendor=1',
    }
    const answer = await ground.get({'Yard-Service': 'hello', ...kept})

    expect(headersSeen(answer.body)).toMatchObject(kept)
    expect(answer.headers['yard-request-id']).toBe('Order_7.retry-2')
  })

  test.each(['a b', 'x'.repeat(129), '', 'a"b', 'é', 'a,b'])('replaces the request id %j', async (id) => {
    const answer = await ground.get({'Yard-Service': 'hello', 'Yard-Request-Id': id})

    expect(headersSeen(answer.body)['yard-request-id']).toMatch(uuid)
    expect(answer.headers['yard-request-id']).toMatch(uuid)
  })

  test.each([
    'x',
    '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  ])('replaces the trace %s and drops its state', async (traceparent) => {
    const answer = await ground.get({'Yard-Service': 'hello', traceparent, tracestate: 'vendor=1'})
    const seen = headersSeen(answer.body)

    expect(seen['traceparent']).not.toBe(traceparent)
    expect(seen['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(seen['tracestate']).toBeUndefined()
  })

  test('carries a request id in an answer of HAProxy itself', async () => {
    expect((await ground.get({'Yard-Service': 'nowhere'})).headers['yard-request-id']).toMatch(uuid)
  })

  test('leaves one line of JSON in the log', async () => {
    await ground.get({'Yard-Service': 'hello', 'Yard-Request-Id': 'log-me'}, '/a"b\\c')

    const line = await eventually('the line', async () =>
      (await ground.processPlayground.manager().lastLines('haproxy', 100)).find((text) =>
        text.includes('log-me'),
      ),
    )
    expect(JSON.parse(line)).toMatchObject({
      service: 'hello',
      request_id: 'log-me',
      method: 'GET',
      path: '/a"b\\c',
      status: 200,
      server: `127.0.0.1:${hello.port}`,
    })
  })

  describe('to a service of which one instance is broken', () => {
    let broken: Upstream

    beforeAll(async () => {
      broken = await ground.upstream('broken')
      broken.hangsUp = true
      const dead = {address: '127.0.0.1', port: await freePort(), state: 'up' as const}
      await ground
        .router()
        .apply(ground.model({refusing: [dead, hello], broken: [broken, hello], hello: [hello]}))
    })

    test.each(['GET', 'POST'])('goes to another when a connection is refused (%s)', async (method) => {
      const answers = await Promise.all(
        Array.from({length: 20}, () => ground.get({'Yard-Service': 'refusing'}, '/', method)),
      )

      expect(answers.map(({status}) => status)).toEqual(Array.from({length: 20}, () => 200))
    })

    test('is tried again elsewhere when the instance hangs up on a safe method', async () => {
      const answers = await Promise.all(
        Array.from({length: 10}, () => ground.get({'Yard-Service': 'broken'})),
      )

      expect(answers.map(({status}) => status)).toEqual(Array.from({length: 10}, () => 200))
      expect(broken.urls.length).toBeGreaterThan(0)
    })

    test('is never sent twice when the instance hangs up on an unsafe method', async () => {
      const before = broken.urls.length + hello.urls.length
      const answers = await Promise.all(
        Array.from({length: 10}, () => ground.get({'Yard-Service': 'broken'}, '/', 'POST')),
      )

      expect(broken.urls.length + hello.urls.length - before).toBe(10)
      const failed = answers.filter(({status}) => status === 502)
      expect(failed.length).toBeGreaterThan(0)
      expect(JSON.parse(failed[0]!.body)).toEqual({error: 'bad-answer', next: 'yard logs tail'})
    })
  })
})

function headersSeen(body: string): Record<string, string | undefined> {
  return (JSON.parse(body) as {headers: Record<string, string>}).headers
}
