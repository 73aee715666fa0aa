import http from 'node:http'
import net from 'node:net'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {LoopbackDoor} from '../../../src/adapters/sidecar-door/index.js'
import {type OpenDoor} from '../../../src/contracts/sidecar-door.js'

const door = new LoopbackDoor()
let port = 0
let opened: OpenDoor | undefined
const pages = {status: () => ({v: 1, at: 'now'}), metrics: () => 'yard_sidecar_stale 0\n'}

beforeEach(async () => {
  // Between the look and the opening somebody else may take it.
  for (let attempt = 0; opened === undefined && attempt < 20; attempt++) {
    port = await freePort()
    opened = await door.open(port, pages)
  }
})
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

test('shows its two pages, made anew for each request', async () => {
  expect(await ask('/status')).toMatchObject({status: 200, body: '{"v":1,"at":"now"}\n'})
  expect(await ask('/metrics')).toMatchObject({status: 200, body: 'yard_sidecar_stale 0\n'})
  expect((await ask('/metrics')).headers['content-type']).toContain('text/plain; version=0.0.4')
  expect(await ask('/')).toMatchObject({status: 404})
  expect(await ask('/status', {method: 'HEAD'})).toMatchObject({status: 200, body: ''})
})

test('nothing can be changed there: other methods and bodies are refused', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    expect(await ask('/status', {method})).toMatchObject({status: 405})
  expect(await ask('/status', {method: 'GET', headers: {'Content-Length': '2'}, body: 'hi'})).toMatchObject({
    status: 413,
  })
})

test('a page in a browser that reaches it by a name of its own gets nothing', async () => {
  for (const Host of ['evil.test', '127.0.0.1.nip.io', 'localhost.evil.test', '127.0.0.1@evil.test'])
    expect((await ask('/status', {headers: {Host}})).status).toBeGreaterThanOrEqual(400)
  for (const Host of ['localhost', 'LOCALHOST:7072', '127.0.0.1:1'])
    expect(await ask('/status', {headers: {Host}})).toMatchObject({status: 200})
})

test('a second one on the same port is told, and can ask who is there', async () => {
  expect(await door.open(port, pages)).toBeUndefined()
  expect(await door.ask(port)).toBe('{"v":1,"at":"now"}\n')
  await opened?.close()
  expect(await door.ask(port)).toBeUndefined()
  opened = await door.open(port, pages)
  expect(opened).toBeDefined()
})

test('somebody who answers with something else, or never, is nobody', async () => {
  await opened?.close()
  opened = undefined
  for (const answer of ['HTTP/1.1 500 x\r\ncontent-length: 2\r\n\r\n{}', 'SSH-2.0-x\r\n', '']) {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined).resume()
      if (answer !== '') socket.end(answer)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    expect(await door.ask((server.address() as net.AddressInfo).port)).toBeUndefined()
    await new Promise((resolve) => server.close(resolve))
  }
})

test('it listens on this machine only', async () => {
  const socket = net.connect({host: '127.0.0.2', port})
  const outcome = await new Promise((resolve) => {
    socket.once('error', () => resolve('refused'))
    socket.once('connect', () => resolve('connected'))
  })
  socket.destroy()
  expect(outcome).toBe('refused')
})

test('it closes although somebody keeps a connection', async () => {
  const socket = net.connect({host: '127.0.0.1', port})
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.on('error', () => undefined)
  await opened?.close()
  opened = undefined
  socket.destroy()
})

interface Asked {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

function ask(
  path: string,
  options: {method?: string; headers?: Record<string, string>; body?: string} = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const {body, ...rest} = options
    const request = http.request({host: '127.0.0.1', port, path, agent: false, ...rest}, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () =>
        resolve({status: response.statusCode ?? 0, headers: response.headers, body: text}),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.listen(0, '127.0.0.1', () => {
      const {port: free} = server.address() as net.AddressInfo
      server.close(() => resolve(free))
    })
  })
}
