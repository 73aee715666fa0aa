import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {type Upstream} from '../fakes/upstream.js'

import {browser, Doors, request, seenBy, spoofs, uuid} from './haproxy-doors.js'
import {type Answer, exchange, haproxyFile, overHttp2, raw, rawTls, upgrade} from './haproxy-playground.js'

const reason = haproxyFile === undefined ? ' (skipped: haproxy is not installed)' : ''
const describeWithHaproxy = haproxyFile === undefined ? describe.skip : describe

let doors: Doors
let ports: Doors['ports']
let open: Upstream
let admin: Upstream

describeWithHaproxy(`a request through the edge of the rendered HAProxy${reason}`, () => {
  beforeAll(async () => {
    doors = await Doors.make()
    ;({ports, open, admin} = doors)
  })

  afterAll(async () => {
    await doors.clear()
  })

  describe('with every kind of service', () => {
    beforeAll(async () => {
      await doors.openAll()
    })

    test.each(spoofs)('R3 the edge pays no attention to a service %s', async (_how, lines) => {
      const before = admin.urls.length
      const answer = await raw(ports.http, request(lines))

      expect(admin.urls).toHaveLength(before)
      expect(answer).toMatch(lines.includes(' :') ? /^HTTP\/1\.1 400 / : /^HTTP\/1\.1 200 /)
      if (answer.includes(' 200 ')) {
        expect(answer).toContain('"upstream":"open"')
        expect(Object.keys(seenBy(answer)).filter((name) => /^yard[-_]service/i.test(name))).toEqual([])
      }
    })

    test.each(spoofs)('R3 the edge pays no attention over TLS to a service %s', async (_how, lines) => {
      const before = admin.urls.length
      const {answer} = await rawTls(ports.https, 'open.example.org', request(lines))

      expect(admin.urls).toHaveLength(before)
      if (answer.includes(' 200 ')) expect(seenBy(answer)['yard-service']).toBeUndefined()
    })

    test('R3 a header that only the host may set is gone behind the edge, however it is written', async () => {
      const lines = [
        ...['Yard-Consumer: wages', 'yard_consumer: wages', 'YARD-REQUEST-ID: mine', 'Yard_Request_Id: mine', 'yard-x: 1'],
        ...['X-Forwarded-For: 6.6.6.6', 'x-forwarded-for: 7.7.7.7', 'X_Forwarded_For: 8.8.8.8', 'X-Forwarded-Proto: gopher'],
        ...['X-Forwarded-Host: evil', 'X-Forwarded-Port: 1', 'Forwarded: for=6.6.6.6', 'X-Real-IP: 6.6.6.6', 'Proxy: http://evil'],
        ...['traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'tracestate: vendor=1'],
      ] // prettier-ignore
      const answer = await raw(ports.http, request(lines.map((line) => `${line}\r\n`).join('')))
      const seen = seenBy(answer)

      expect(seen).toMatchObject({
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'open.example.org',
      })
      expect(seen['yard-request-id']).toMatch(uuid)
      expect(seen['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
      expect(seen['traceparent']).not.toContain('0af7651916cd43dd8448eb211c80319c')
      const left = ['host', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']
      expect(Object.keys(seen).sort()).toEqual([...left, 'yard-request-id', 'traceparent'].sort())
    })

    test.each([
      ['example.org', '/', 'open'],
      ['example.org', '/application', 'open'],
      ['example.org', '/app', 'admin'],
      ['example.org', '/app/', 'admin'],
      ['example.org', '/app?x=1', 'admin'],
      ['example.org', '/app/opening', 'admin'],
      ['example.org', '/app/open', 'open'],
      ['example.org', '/app/open/more', 'open'],
      ['EXAMPLE.org:8080', '/app', 'admin'],
      ['example.org.', '/app', 'admin'],
    ])('the longest path of %s%s leads to %s', async (host, url, upstream) => {
      const answer = await exchange(ports.http, {path: url, headers: {host}})

      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.body)).toMatchObject({upstream, url})
    })

    test.each([
      ...['org', 'xexample.org', 'example.org.evil.example', 'open.localhost', 'svc_open', '127.0.0.1', ''],
      ...[
        'example.org/app',
        'example.org/app?',
        'example',
        '[::1]',
        'open',
        'example.org/',
        'open@example.org',
        '*',
      ],
    ])('the public host %j is nobody', async (host) => {
      const before = open.urls.length + admin.urls.length
      const answer = await raw(ports.http, request('', host))

      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
      expect(answer).toMatch(/yard-router: (unknown-host|bad-request)\r\n/i)
      expect(open.urls.length + admin.urls.length).toBe(before)
    })

    test('R3 the edge pays no attention over HTTP/2, either', async () => {
      const before = admin.urls.length
      const {status, body} = await overHttp2(ports.https, 'open.example.org', {
        ...{':path': '/x', ':authority': 'Open.example.org', 'x-forwarded-for': '6.6.6.6'},
        ...{'yard-service': ['admin', 'admin'], yard_service: 'admin', 'yard-consumer': 'wages'},
      })
      const {upstream, headers} = JSON.parse(body) as {upstream: string; headers: Record<string, string>}

      expect({status, upstream}).toEqual({status: 200, upstream: 'open'})
      expect(headers).toMatchObject({'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1'})
      expect(Object.keys(headers).filter((name) => /^yard[-_]/.test(name))).toEqual(['yard-request-id'])
      expect(admin.urls).toHaveLength(before)
    })

    test('R3 a caller names no header that the next one in line would drop', async () => {
      const lines = 'Connection: close, X-Forwarded-For, Yard-Request-Id\r\n'
      const answer = await raw(ports.http, `GET / HTTP/1.1\r\nHost: open.example.org\r\n${lines}\r\n`)

      expect(seenBy(answer)['connection']).toBeUndefined()
    })

    test('a connection to a service is upgraded, and nothing but that is said of it', async () => {
      const upgraded = await upgrade(ports.http, {
        host: 'open.example.org',
        connection: 'Upgrade, X-Forwarded-For',
        upgrade: 'echo',
      })

      expect(upgraded).toEqual({connection: 'Upgrade', upgrade: 'echo', echoed: 'over and out'})
    })

    test('an address in the request line is not another door', async () => {
      const before = admin.urls.length
      const lines = [
        'http://example.org/app',
        'http://admin.localhost/',
        '*',
        'http://example.org:80/app',
      ].map((target) => request('', 'open.example.org', target))
      for (const text of lines) expect(await raw(ports.http, text)).toMatch(/^HTTP\/1\.1 (200|400|404) /)

      expect(admin.urls).toHaveLength(before)
    })

    test('an unknown public host is told to people as a page', async () => {
      const answer = await exchange(ports.http, {headers: {host: 'nowhere.example.org', ...browser}})

      expect(answer).toMatchObject({status: 404, body: expect.stringContaining('<h1>Nothing here</h1>')})
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    })

    test('a body that says it is too large is refused', async () => {
      const headers = {host: 'open.example.org'}
      const large = await exchange(ports.http, {
        method: 'POST',
        headers: {...headers, 'content-length': '1001'},
        body: 'x'.repeat(1_001),
      })
      const right = await exchange(ports.http, {
        method: 'POST',
        headers: {...headers, 'content-length': '1000'},
        body: 'x'.repeat(1_000),
      })

      expect(large).toMatchObject({status: 413, headers: {'yard-router': 'body-too-large'}})
      expect(right.status).toBe(200)
    })

    test.each(['2147483648', '4294967297', '9223372036854775807'])(
      'a body of %s bytes is too large',
      async (size) => {
        const answer = await raw(ports.http, request(`Content-Length: ${size}\r\n`).replace('GET', 'POST'))

        expect(answer).toMatch(/^HTTP\/1\.1 413 /)
      },
    )

    test.each([
      ...['/app/../x', '/app/..', '/app/%2e%2E/x', '/app%2f..%2Fx', '/app/.%2e;/x', '/app\\..\\x', '/..'],
    ])('the path %s leads out of none', async (target) => {
      const before = admin.urls.length + open.urls.length
      const answer = await raw(ports.http, request('', 'example.org', target))

      expect(answer).toMatch(/^HTTP\/1\.1 400 .*yard-router: dots-in-path\r\n/is)
      expect(admin.urls.length + open.urls.length).toBe(before)
    })

    test.each(['/app/..x', '/app/x..', '/app/...', '/app/1..2/3', '/app?back=/../x'])(
      'the dots of %s are harmless',
      async (target) => {
        expect(await raw(ports.http, request('', 'example.org', target))).toMatch(/^HTTP\/1\.1 200 /)
      },
    )

    test('nobody is led elsewhere by what stands beside the name of the host', async () => {
      for (const host of ['evil.example,open.example.org', 'open.example.org:@evil.example']) {
        expect(await raw(ports.http, request('', host))).toMatch(/^HTTP\/1\.1 404 /)
      }
    })

    test('R3 no way past the edge is opened: neither a tunnel nor another HTTP in this one', async () => {
      const tunnel =
        'CONNECT open.example.org:80 HTTP/1.1\r\nHost: open.example.org:80\r\nConnection: close\r\n\r\n'
      expect(await raw(ports.http, tunnel)).toMatch(/^HTTP\/1\.1 405 /)

      for (const other of ['h2c', 'H2C', 'echo, h2c', 'h2']) {
        const headers = {connection: 'Upgrade, HTTP2-Settings', upgrade: other, 'http2-settings': 'AAMAAABk'}
        const answer = await exchange(ports.http, {headers: {...headers, host: 'open.example.org'}})
        const seen = (JSON.parse(answer.body) as {headers: Record<string, string>}).headers
        expect([seen['upgrade'], seen['http2-settings'], seen['connection']]).toEqual([
          undefined,
          undefined,
          undefined,
        ])
      }
    })

    test('each name has its own certificate, of TLS 1.2 or newer', async () => {
      const hello = request('', 'open.example.org')
      const [first, second] = [
        await rawTls(ports.https, 'open.example.org', hello),
        await rawTls(ports.https, 'admin.example.org', hello),
      ]

      expect([first.certificate, second.certificate]).toEqual(['open.example.org', 'admin.example.org'])
      expect(first).toMatchObject({protocol: 'TLSv1.3', alpn: 'http/1.1'})
      expect(seenBy(first.answer)).toMatchObject({'x-forwarded-proto': 'https'})
    })
  })

  test('the edge sends callers to HTTPS, but only for names that it knows', async () => {
    await doors.openOne({redirectsToHttps: true})
    const known = await exchange(ports.http, {
      method: 'POST',
      path: '/a?b=c',
      headers: {host: 'Open.example.org:80'},
    })
    const unknown = await exchange(ports.http, {headers: {host: 'other.example.org'}})

    expect(known).toMatchObject({
      status: 308,
      headers: {location: `https://open.example.org:${ports.https}/a?b=c`},
    })
    expect(unknown.status).toBe(404)
    const {answer} = await rawTls(ports.https, 'open.example.org', request(''))
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('the edge lets an address ask so often a minute and no more', async () => {
    await doors.openOne({requestsPerMinute: 5})
    const answers: Answer[] = []
    for (let count = 0; count < 8; count += 1)
      answers.push(await exchange(ports.http, {headers: {host: 'open.example.org'}}))

    expect(answers.map(({status}) => status)).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
    expect(answers.at(-1)?.headers).toMatchObject({'retry-after': '60', 'yard-router': 'too-many-requests'})
    expect((await exchange(ports.host, {headers: {'yard-service': 'open'}})).status).toBe(200)
  })

  test('the edge without any certificate serves HTTP and shakes no hands', async () => {
    await doors.openOne({}, [])

    expect((await exchange(ports.http, {headers: {host: 'open.example.org'}})).status).toBe(200)
    await expect(rawTls(ports.https, 'open.example.org', request(''))).rejects.toThrow()
  })
})
