import net from 'node:net'
import zlib from 'node:zlib'

import {afterEach, describe, expect, test} from '@jest/globals'

import {bodyOf, cleanUp, headersOf, listen, send, serve} from '../../fakes/http-exchange.js'

afterEach(cleanUp)

describe('a response', () => {
  test('comes with its headers as the server spelled them, repeats kept', async () => {
    const server = await serve((_, response) => {
      response.writeHead(418, 'Teapot', [
        'X-One',
        '1',
        'x-one',
        '2',
        'Set-Cookie',
        'a=b',
        'Set-Cookie',
        'c=d',
      ])
      response.end('body')
    })

    const outcome = await send({url: server.origin})

    expect(outcome).toMatchObject({
      kind: 'response',
      response: {status: 418, reason: 'Teapot', version: '1.1'},
    })
    expect(headersOf(outcome).slice(0, 4)).toEqual([
      ['X-One', '1'],
      ['x-one', '2'],
      ['Set-Cookie', 'a=b'],
      ['Set-Cookie', 'c=d'],
    ])
    expect(bodyOf(outcome)).toBe('body')
  })

  test('of a redirect is the redirect itself', async () => {
    const server = await serve((_, response) => response.writeHead(302, {location: '/x'}).end())

    expect(await send({url: server.origin})).toMatchObject({response: {status: 302}})
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['deflate', zlib.deflateRawSync],
    ['br', zlib.brotliCompressSync],
    ['identity', (text: string) => Buffer.from(text)],
    ['gzip, br', (text: string) => zlib.brotliCompressSync(zlib.gzipSync(text))],
  ] as const)('in %s is unpacked', async (coding, pack) => {
    const server = await serve((_, response) =>
      response.writeHead(200, {'content-encoding': coding}).end(pack('hello')),
    )

    expect(bodyOf(await send({url: server.origin}))).toBe('hello')
  })

  test('to HEAD has no body, whatever its headers say', async () => {
    const server = await serve((_, response) => response.writeHead(200, {'content-encoding': 'gzip'}).end())

    expect(bodyOf(await send({url: server.origin, method: 'HEAD'}))).toBe('')
  })
})

describe('a request', () => {
  test('is sent as it is: method, repeated headers, host and body', async () => {
    const server = await serve((_, response) => response.end())

    await send({
      url: `${server.origin}/a?b=c`,
      method: 'DELETE',
      headers: [
        ['Host', 'hello.example'],
        ['X-A', '1'],
        ['X-A', '2'],
      ],
      body: Buffer.from('content'),
    })

    expect(server.requests).toMatchObject([
      {
        line: 'DELETE /a?b=c',
        body: 'content',
        headers: {host: 'hello.example', 'x-a': '1, 2', 'content-length': '7'},
      },
    ])
  })

  test.each(['localhost', 'hello.localhost', 'a.b.localhost.', 'LOCALHOST'])(
    'to %s reaches this machine',
    async (host) => {
      const server = await serve((_, response) => response.end('here'))

      expect(bodyOf(await send({url: `http://${host}:${server.port}/`}))).toBe('here')
    },
  )

  test('uses a connection again', async () => {
    const ports = new Set<number | undefined>()
    const server = await serve((_, response) => {
      ports.add(response.socket?.remotePort)
      response.end()
    })

    for (let round = 0; round < 3; round += 1) await send({url: server.origin})

    expect(ports.size).toBe(1)
  })

  test('survives that the server closed an idle connection, and POST is sent once', async () => {
    let connections = 0
    let posts = 0
    const server = net.createServer((socket) => {
      connections += 1
      const isFirst = connections === 1
      let answered = 0
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        if (chunk.toString('latin1').startsWith('POST')) posts += 1
        answered += 1
        if (isFirst && answered === 2) socket.resetAndDestroy()
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    const port = await listen(server)

    const outcomes = [
      await send({url: `http://127.0.0.1:${port}/`}),
      await send({url: `http://127.0.0.1:${port}/`}),
    ]
    await send({url: `http://127.0.0.1:${port}/`, method: 'POST'})

    expect(outcomes.map(bodyOf)).toEqual(['ok', 'ok'])
    expect(posts).toBe(1)
  })
})
