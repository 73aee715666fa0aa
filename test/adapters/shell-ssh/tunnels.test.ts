import {connect, createServer, type Server} from 'node:net'
import {networkInterfaces} from 'node:os'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {type Endpoint} from '../../../src/domain/routing.js'
import {freePorts} from '../../support/free-port.js'
import {sshdMissing} from '../../support/ssh/missing.js'
import {shellsOf, until} from '../../support/ssh/shells.js'
import {type Sshd, startSshd} from '../../support/ssh/sshd.js'

const missing = sshdMissing()

if (missing !== undefined) test.skip(`tunnels over SSH (skipped: ${missing})`, () => undefined)
else describe('a port of a machine is reached through its sshd', tunnels)

function tunnels(): void {
  let sshd: Sshd
  let server: Server
  let there: Endpoint

  beforeAll(async () => {
    sshd = await startSshd()
    server = createServer({allowHalfOpen: true}, (socket) => {
      const chunks: Buffer[] = []
      socket.on('error', () => undefined)
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (chunk.toString() === 'hang up\n') socket.destroy()
      })
      socket.on('end', () => socket.end(`${String(Buffer.concat(chunks).length)} bytes`))
    })
    there = {address: '127.0.0.2', port: await listening(server, '127.0.0.2')}
  })
  afterAll(async () => {
    server.close()
    await sshd.remove()
  })

  const open = shellsOf(() => sshd)

  test('both ways, many at a time, each end when it ends there', async () => {
    const shell = open()
    const here = await shell.forward(there)

    expect(here.address).toBe('127.0.0.1')
    expect(here.port).not.toBe(there.port)
    const asked = [0, 1, 100_000, 5_000_000, ...Array<number>(30).fill(10)]
    const answers = await Promise.all(asked.map((length) => ask(here, Buffer.alloc(length, 'x'))))
    expect(answers).toEqual(asked.map((length) => `${length} bytes`))
    expect(await ask(here, 'hang up\n')).toBe('')
    expect(await shell.forward(there)).toEqual(here)
  })

  test('where nobody listens yet, connections end at once, and later ones get through', async () => {
    const [port = 0] = await freePorts(1)
    const here = await open().forward({address: '127.0.0.1', port})

    expect(await ask(here, 'x')).toBe('')
    const late = createServer((socket) => socket.on('error', () => undefined).end('late'))
    await listening(late, '127.0.0.1', port)
    try {
      expect(await ask(here, 'x')).toBe('late')
    } finally {
      late.close()
    }
  })

  test('through a new connection when the one before broke, and not at all once it is closed', async () => {
    const frail = await startSshd()
    const shell = open({}, frail)
    try {
      const here = await shell.forward(there)
      const hanging = ask(here, undefined)
      await until('it is connected', () => frail.connections().length > 0)
      await frail.kill()
      expect(await hanging).toBe('')
      await frail.start()
      expect(await ask(here, 'abc')).toBe('3 bytes')
      await shell.close()
      await expect(ask(here, 'abc')).rejects.toMatchObject({code: 'ECONNREFUSED'})
    } finally {
      await frail.remove()
    }
  })

  test('or directly where the sshd forbids tunnels and there is a way, else that is told', async () => {
    const strict = await startSshd({config: ['AllowTcpForwarding no']})
    const other = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({family, internal}) => family === 'IPv4' && !internal)?.address
    const outside = createServer((socket) => socket.on('error', () => undefined).end('direct'))
    try {
      const shell = open({}, strict)
      await expect(shell.forward(there)).rejects.toMatchObject({
        code: 'E_HOST_UNREACHABLE',
        why: 'its sshd forbids tunnels, and this machine has no way to 127.0.0.2',
        details: {host: 'web-1', tunnel: 'forbidden'},
      })
      if (other !== undefined) {
        const endpoint = {address: other, port: await listening(outside, other)}
        expect(await shell.forward(endpoint)).toEqual(endpoint)
      }
      expect((await shell.run({file: 'true', args: [], deadlineMillis: 10_000})).outcome).toBe('succeeded')
    } finally {
      outside.close()
      await strict.remove()
    }
  })
}

/** What comes back once nothing more is sent; sends nothing and waits when there is nothing to send. */
function ask({address, port}: Endpoint, text: string | Buffer | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({host: address, port, allowHalfOpen: true})
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(answer)
      else reject(error)
    })
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(answer))
    if (text !== undefined) socket.end(text)
  })
}

function listening(server: Server, address: string, port = 0): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, address, () => resolve((server.address() as {port: number}).port))
  })
}
