import net from 'node:net'
import zlib from 'node:zlib'

import {afterEach, describe, expect, test} from '@jest/globals'

import {cleanUp, listen, send, serve} from '../../fakes/http-exchange.js'

afterEach(cleanUp)

describe('a failure', () => {
  test('to connect is refused or unreachable', async () => {
    const server = await serve((_, response) => response.end())
    await server.close()

    expect(await send({url: server.origin})).toMatchObject({
      cause: 'refused',
      phase: 'connect',
      detail: 'ECONNREFUSED',
    })
    expect(await send({url: 'http://no-such-host.invalid/'})).toMatchObject({
      cause: 'unreachable',
      phase: 'connect',
    })
  })

  test('to answer in time names what was waited for', async () => {
    const silent = await serve(() => undefined)
    const dripping = await serve((_, response) => void response.write('x'))

    const timeoutMillis = 150
    expect(await send({url: silent.origin, timeoutMillis})).toMatchObject({
      cause: 'timed-out',
      phase: 'first-byte',
    })
    expect(await send({url: dripping.origin, timeoutMillis})).toMatchObject({
      cause: 'timed-out',
      phase: 'body',
    })
  })

  test('in the middle of a body is a reset', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, {'content-length': 100})
      response.write('x', () => response.destroy())
    })

    expect(await send({url: server.origin})).toMatchObject({kind: 'failed', cause: 'reset', phase: 'body'})
  })

  test('to stay small is body-too-large, also when it only grows once unpacked', async () => {
    const plain = await serve((_, response) => response.end(Buffer.alloc(20_000)))
    const bomb = await serve((_, response) =>
      response.writeHead(200, {'content-encoding': 'gzip'}).end(zlib.gzipSync(Buffer.alloc(50_000_000))),
    )

    expect(await send({url: plain.origin, maxBodyBytes: 10_000})).toMatchObject({cause: 'body-too-large'})
    expect(await send({url: bomb.origin})).toMatchObject({
      cause: 'body-too-large',
      detail: expect.stringContaining('unpacked'),
    })
  })

  test.each([
    ['gzip', Buffer.from('not gzip')],
    ['zstd', Buffer.from('x')],
  ])('to be %s is invalid', async (coding, body) => {
    const server = await serve((_, response) =>
      response.writeHead(200, {'content-encoding': coding}).end(body),
    )

    expect(await send({url: server.origin})).toMatchObject({cause: 'invalid', phase: 'body'})
  })

  test('to speak HTTP is invalid', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    })

    expect(await send({url: `http://127.0.0.1:${await listen(server)}/`})).toMatchObject({cause: 'invalid'})
  })

  test.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'not a url'])('%s is invalid', async (url) => {
    expect(await send({url})).toMatchObject({cause: 'invalid', phase: 'connect'})
  })

  test('because of a header that would become two is invalid, and nothing is sent', async () => {
    const server = await serve((_, response) => response.end())

    expect(await send({url: server.origin, headers: [['X-A', 'b\r\nX-C: d']]})).toMatchObject({
      cause: 'invalid',
    })
    expect(server.requests).toHaveLength(0)
  })

  test('because it was stopped is aborted', async () => {
    const server = await serve(() => undefined)
    const controller = new AbortController()

    const running = send({url: server.origin, signal: controller.signal})
    setImmediate(() => controller.abort())

    expect(await running).toMatchObject({cause: 'aborted'})
    expect(await send({url: server.origin, signal: controller.signal})).toMatchObject({cause: 'aborted'})
  })

  test.each(['127.0.0.1', '0x7f.1', '2130706433', 'localhost'])(
    'because %s is not permitted comes before anything is sent',
    async (host) => {
      const server = await serve((_, response) => response.end())
      const permitsAddress = (address: string) => address !== '127.0.0.1'

      const outcome = await send({url: `http://${host}:${server.port}/`, permitsAddress})

      expect(outcome).toMatchObject({cause: 'not-permitted', phase: 'connect', detail: '127.0.0.1'})
      expect(server.requests).toHaveLength(0)
    },
  )

  test('because of an address that is no longer permitted holds for a kept connection', async () => {
    const server = await serve((_, response) => response.end())
    await send({url: `http://localhost:${server.port}/`})

    const outcome = await send({url: `http://localhost:${server.port}/`, permitsAddress: () => false})

    expect(outcome).toMatchObject({cause: 'not-permitted'})
    expect(server.requests).toHaveLength(1)
  })
})
