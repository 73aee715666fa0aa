import {connect, createServer, type Server, type Socket} from 'node:net'

import {type Client, type ClientChannel} from 'ssh2'

import {type Endpoint} from '../../domain/routing.js'
import {YardError} from '../../errors.js'
import {type Connection} from './connection.js'
import {isOfThisUser} from './loopback-owner.js'

const probeMillis = 5_000
/** RFC 4254: the sshd was told not to. */
const administrativelyProhibited = 1

/** Ports of this machine's loopback, for this user alone, that lead through the connection to a machine. */
export class Tunnels {
  private readonly opened = new Map<string, Promise<Endpoint>>()
  private readonly servers = new Set<Server>()
  private readonly sockets = new Set<Socket>()
  private isForbidden: boolean | undefined

  constructor(
    private readonly host: string,
    private readonly connection: () => Promise<Connection>,
  ) {}

  /** Each endpoint has one. @throws YardError E_HOST_UNREACHABLE when the sshd allows no tunnel and there is no way beside it */
  open(endpoint: Endpoint): Promise<Endpoint> {
    const name = `${endpoint.address}:${endpoint.port}`
    const known = this.opened.get(name)
    if (known !== undefined) return known
    const opened = this.lead(endpoint)
    this.opened.set(name, opened)
    opened.catch(() => this.opened.delete(name))
    return opened
  }

  close(): void {
    for (const server of this.servers) server.close()
    for (const socket of this.sockets) socket.destroy()
    this.servers.clear()
    this.opened.clear()
  }

  private async lead(endpoint: Endpoint): Promise<Endpoint> {
    this.isForbidden ??= await this.isForbiddenThere(endpoint)
    if (!this.isForbidden) return this.listen(endpoint)
    // The loopback of the machine is not the one of this machine.
    if (!endpoint.address.startsWith('127.') && (await isReachable(endpoint))) return endpoint
    throw new YardError('E_HOST_UNREACHABLE', {
      what: `Can't reach port ${endpoint.port} of ${this.host}`,
      why: `its sshd forbids tunnels, and this machine has no way to ${endpoint.address}`,
      next: [
        'set AllowTcpForwarding to local in /etc/ssh/sshd_config, there, and reload its sshd',
        `or let this machine connect to ${endpoint.address}:${endpoint.port}`,
      ],
      details: {host: this.host, tunnel: 'forbidden'},
    })
  }

  /** That nobody listens yet is an answer, too; undefined when none came. */
  private async isForbiddenThere(endpoint: Endpoint): Promise<boolean | undefined> {
    const connection = await this.connection()
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), probeMillis)
      openChannel(connection.client, endpoint, (failure, channel) => {
        clearTimeout(timer)
        channel?.on('error', () => undefined)
        channel?.resume()
        channel?.destroy()
        resolve(connection.isLost ? undefined : failure === 'forbidden')
      })
    })
  }

  private async listen(endpoint: Endpoint): Promise<Endpoint> {
    const server = createServer({allowHalfOpen: true}, (socket) => void this.carry(socket, endpoint))
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    server.unref()
    this.servers.add(server)
    const {port} = server.address() as {port: number}
    return {address: '127.0.0.1', port}
  }

  private async carry(socket: Socket, endpoint: Endpoint): Promise<void> {
    if (!isOfThisUser(socket)) {
      socket.destroy()
      return
    }
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', () => undefined)
    const connection = await this.connection().catch(() => undefined)
    if (connection === undefined || socket.destroyed) {
      socket.destroy()
      return
    }
    openChannel(connection.client, endpoint, (_, channel) => {
      if (channel === undefined) socket.destroy()
      else join(socket, channel)
    })
  }
}

function openChannel(
  client: Client,
  {address, port}: Endpoint,
  done: (failure: 'forbidden' | 'failed' | undefined, channel?: ClientChannel) => void,
): void {
  try {
    client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
      const reason: unknown = (error as {reason?: unknown} | undefined)?.reason
      if (error === undefined) done(undefined, channel)
      else done(reason === administrativelyProhibited ? 'forbidden' : 'failed')
    })
  } catch {
    done('failed')
  }
}

function join(socket: Socket, channel: ClientChannel): void {
  channel.on('error', () => undefined)
  channel.on('close', () => socket.destroySoon())
  socket.on('close', () => channel.destroy())
  socket.pipe(channel)
  channel.pipe(socket)
}

/** That nothing listens there yet is an answer, too. */
function isReachable({address, port}: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({host: address, port, timeout: probeMillis})
    const finish = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.on('connect', () => finish(true))
    socket.on('timeout', () => finish(false))
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED'))
  })
}
