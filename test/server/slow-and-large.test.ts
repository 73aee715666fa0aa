import {afterEach, expect, test} from '@jest/globals'

import {catalogRoot} from '../../src/catalog/keys.js'
import {ask, sendRaw} from './asking.js'
import {serve, type Serving, type ServingOptions} from './serving.js'

const open: Serving[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((serving) => serving.close()))
})

async function serving(options: ServingOptions = {}): Promise<Serving> {
  const started = await serve(options)
  open.push(started)
  return started
}

const hundredMegabytes = 100 * 1_048_576

function head(token: string, ...lines: string[]): string {
  const shared = ['POST /v1/transact HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${token}`]
  return [...shared, 'Content-Type: application/json', ...lines, '', ''].join('\r\n')
}

test('a body of 100 MB that says so is refused before it comes', async () => {
  const {port, token} = await serving()
  const admin = await token('admin', 'admin')
  const received = await sendRaw(port, (socket) => {
    socket.write(head(admin, `Content-Length: ${hundredMegabytes}`))
  })

  expect(received).toMatch(/^HTTP\/1\.1 413 /)
  expect(received).toContain('"why":"its body is too large"')
})

test('a body of 100 MB that comes in chunks is cut off soon after the limit', async () => {
  const {port, token} = await serving()
  const admin = await token('admin', 'admin')
  const chunk = Buffer.alloc(65_536, 'a')
  let sentBytes = 0
  const received = await sendRaw(port, (socket) => {
    const more = () => {
      while (sentBytes < hundredMegabytes && socket.writable) {
        sentBytes += chunk.length
        socket.write(`${chunk.length.toString(16)}\r\n`)
        if (!socket.write(Buffer.concat([chunk, Buffer.from('\r\n')]))) return
      }
    }
    socket.write(head(admin, 'Transfer-Encoding: chunked'))
    socket.on('drain', more)
    more()
  })

  expect(received === '' || received.startsWith('HTTP/1.1 413 ')).toBe(true)
  expect(sentBytes).toBeLessThan(30 * 1_048_576)
})

test('a body without a token is not waited for', async () => {
  const {port} = await serving()
  const received = await sendRaw(port, (socket) => {
    socket.write(head('nobody', `Content-Length: ${hundredMegabytes}`, 'Connection: close'))
  })

  expect(received).toMatch(/^HTTP\/1\.1 401 /)
})

test.each([
  ['headers that never end', (): string => 'GET /v1/me HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
  ['a body that never ends', (token: string): string => `${head(token, 'Content-Length: 1000')}{"compares"`],
])('a connection with %s is closed', async (_, text) => {
  const {port, token} = await serving({limits: {headersMillis: 300, requestMillis: 600}})
  const admin = await token('admin', 'admin')
  const received = await sendRaw(port, (socket) => {
    socket.write(text(admin))
    const drip = setInterval(() => socket.write('a'), 50)
    socket.on('close', () => clearInterval(drip))
  })

  expect(received).toMatch(/^HTTP\/1\.1 408 /)
  expect(received).toContain('"code":"E_USAGE"')
})

test.each([
  ['what is not HTTP', 'hello\r\n\r\n', 400],
  ['headers without measure', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`, 431],
])('%s is answered in yard’s way', async (_, text, status) => {
  const {port} = await serving()
  const received = await sendRaw(port, (socket) => socket.write(text))

  expect(received.startsWith(`HTTP/1.1 ${status} `)).toBe(true)
  expect(received).toContain('"code":"E_USAGE"')
})

test('thirty thousand entries come in one answer', async () => {
  const {store, token, url} = await serving()
  const value = 'x'.repeat(200)
  for (let from = 0; from < 30_000; from += 100) {
    const writes = Array.from({length: 100}, (_, index) => ({
      put: `${catalogRoot}services/${from + index}`,
      value,
    }))
    await store.transact([], writes)
  }

  const asked = await ask(`${url}/v1/range?prefix=${catalogRoot}services/`, {
    token: await token('ci', 'reader'),
  })
  expect((asked.json as {entries: unknown[]}).entries).toHaveLength(30_000)
})
