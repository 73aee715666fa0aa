import {afterEach, describe, expect, test} from '@jest/globals'

import {type HttpClient} from '../../../src/contracts/http-client.js'
import {cleanUp, failuresOf, run, serve} from '../../fakes/smoke-run.js'
import {sendJson} from '../../fakes/smoke-server.js'

afterEach(cleanUp)

describe('redirects', () => {
  test('are followed only when asked for', async () => {
    const server = await serve(({url}, response) => {
      if (url === '/b') response.end('there')
      else response.writeHead(302, {location: '/b'}).end()
    })

    const report = await run(server, {
      'a.hurl': `GET {{base_url}}/a
HTTP 302
GET {{base_url}}/a
[Options]
location: true
HTTP 200
[Asserts]
url endsWith "/b"
body == "there"`,
    })

    expect(failuresOf(report)).toEqual([])
  })

  test('to another origin leave credentials and secrets behind', async () => {
    const other = await serve(({headers}, response) => sendJson(response, headers))
    const server = await serve((_, response) =>
      response.writeHead(302, {location: `${other.origin}/x`}).end(),
    )

    const report = await run(
      server,
      {
        'a.hurl': `GET {{base_url}}/
Authorization: Bearer abc
X-Api-Key: {{api_key}}
X-Plain: 1
[Cookies]
session: abc
[Options]
location: true
HTTP 200`,
      },
      {secrets: {api_key: 'sesame-open'}},
    )

    expect(failuresOf(report)).toEqual([])
    expect(other.requests[0]?.headers).toMatchObject({'x-plain': '1'})
    expect(Object.keys(other.requests[0]?.headers ?? {})).not.toContain('authorization')
    expect(Object.keys(other.requests[0]?.headers ?? {})).not.toContain('cookie')
    expect(Object.keys(other.requests[0]?.headers ?? {})).not.toContain('x-api-key')
    expect(report.files[0]?.steps[0]?.notes).toEqual([
      `left out on the way to ${other.origin}: Authorization, X-Api-Key, Cookie`,
    ])
  })

  test('have an end', async () => {
    const server = await serve((_, response) => response.writeHead(302, {location: '/again'}).end())

    const report = await run(server, {
      'a.hurl': 'GET {{base_url}}/\n[Options]\nlocation: true\nmax-redirs: 3\nHTTP 200',
    })

    expect(failuresOf(report)[0]).toContain('at most 3 redirects')
    expect(server.requests).toHaveLength(4)
  })

  test.each([
    ['http://169.254.169.254/latest', 'never allowed'],
    ['http://[::ffff:a9fe:a9fe]/', 'never allowed'],
    ['http://evil.example/', 'allow it with --allow-host evil.example'],
    ['gopher://127.0.0.1/', "gopher: isn't http or https"],
    ['file:///etc/passwd', "file: isn't http or https"],
    ['http://user:pw@127.0.0.1:1/', 'holds a user or a password'],
  ])('to %s are refused', async (location, why) => {
    const server = await serve((_, response) => response.writeHead(302, {location}).end())

    const report = await run(server, {'a.hurl': 'GET {{base_url}}/\n[Options]\nlocation: true\nHTTP 200'})

    expect(failuresOf(report)[0]).toContain(why)
  })
})

describe('where requests may go', () => {
  test('a host out of a response is not asked', async () => {
    const server = await serve((_, response) => sendJson(response, {next: 'http://elsewhere.example/'}))

    const report = await run(server, {
      'a.hurl': 'GET {{base_url}}/\nHTTP 200\n[Captures]\nnext: jsonpath "$.next"\nGET {{next}}\nHTTP 200',
    })

    expect(failuresOf(report)).toEqual([
      "5:5 request: an address that may be asked / elsewhere.example isn't the host of base_url; allow it with --allow-host elsewhere.example",
    ])
  })

  test('a metadata address is refused although it is allowed by name', async () => {
    const server = await serve((_, response) => response.end())

    const report = await run(
      server,
      {'a.hurl': 'GET http://0xa9fea9fe/latest\nHTTP 200'},
      {allowedHosts: ['169.254.169.254']},
    )

    expect(failuresOf(report)[0]).toContain('never allowed')
  })

  test('the addresses behind every name are held to it', async () => {
    const server = await serve((_, response) => response.end())
    const asked: (boolean | undefined)[] = []
    const http: HttpClient = {
      send: async ({permitsAddress}) => {
        asked.push(permitsAddress?.('169.254.169.254'), permitsAddress?.('10.0.0.1'))
        return {
          kind: 'failed',
          cause: 'not-permitted',
          phase: 'connect',
          detail: '169.254.169.254',
          millis: 1,
        }
      },
      close: () => undefined,
    }

    const report = await run(
      server,
      {'a.hurl': 'GET http://rebound.example/'},
      {allowedHosts: ['rebound.example']},
      {http},
    )

    expect(asked).toEqual([false, true])
    expect(failuresOf(report)[0]).toContain('the address may not be asked while connecting (169.254.169.254)')
  })

  test('nothing at all answering is its own outcome', async () => {
    const server = await serve((_, response) => response.end())
    await server.close()

    const report = await run(server, {'a.hurl': 'GET {{base_url}}/\nHTTP 200'})

    expect(report.outcome).toBe('unreachable')
    expect(failuresOf(report)[0]).toContain('the connection was refused while connecting (ECONNREFUSED)')
  })

  test('a name below localhost is this machine', async () => {
    const server = await serve(({headers}, response) => response.end(headers.host))

    const report = await run(
      server,
      {'a.hurl': `GET {{base_url}}/\nHTTP 200\n\`hello.localhost:${server.port}\``},
      {baseUrl: `http://hello.localhost:${server.port}`},
    )

    expect(failuresOf(report)).toEqual([])
  })
})
