import net from 'node:net'

/** A TCP proxy that does to connections what networks do. */
export interface CuttingProxy {
  /** `address:port` */
  readonly endpoint: string
  /** Connections that were made so far. */
  readonly connections: number
  /** Connections that `cutAfter` ended. */
  readonly cuts: number
  /** From now on each connection that has carried more bytes than this to the client is cut; undefined for never. */
  cutAfter(bytes: number | undefined): void
  /** Cuts all connections, and refuses new ones until `open` is called. */
  shut(): void
  open(): void
  /** From now on what clients send is kept back, also when they hang up meanwhile. */
  hold(): void
  /** Sends on what was kept back; resolves once the other side has answered all of it. */
  release(): Promise<void>
  close(): Promise<void>
}

interface Held {
  upstream: net.Socket
  chunks: Buffer[]
}

export async function startCuttingProxy(target: string, address = '127.0.0.1'): Promise<CuttingProxy> {
  const [host, port] = target.split(':') as [string, string]
  const sockets = new Set<net.Socket>()
  const held = new Map<net.Socket, Held>()
  let limit: number | undefined
  let [connections, cuts] = [0, 0]
  let [isShut, isHolding] = [false, false]

  const connect = (client: net.Socket) => {
    connections += 1
    const upstream = net.connect(Number(port), host)
    let passed = 0
    const cut = () => {
      client.destroy()
      if (!held.has(client)) upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    client.on('data', (chunk) => {
      if (!isHolding) {
        upstream.write(chunk)
        return
      }
      const kept = held.get(client) ?? {upstream, chunks: []}
      kept.chunks.push(chunk)
      held.set(client, kept)
    })
    upstream.on('data', (chunk) => {
      passed += chunk.length
      if (limit === undefined || passed <= limit) {
        if (!client.destroyed) client.write(chunk)
        return
      }
      cuts += 1
      cut()
    })
  }

  const server = net.createServer((client) => {
    if (isShut) client.destroy()
    else connect(client)
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    endpoint: `${address}:${(server.address() as net.AddressInfo).port}`,
    get connections() {
      return connections
    },
    get cuts() {
      return cuts
    },
    cutAfter: (bytes) => void (limit = bytes),
    shut() {
      isShut = true
      cutAll()
    },
    open: () => void (isShut = false),
    hold: () => void (isHolding = true),
    async release() {
      isHolding = false
      const answers = [...held.values()].map(async ({upstream, chunks}) => {
        const answered = new Promise((resolve) => upstream.once('data', resolve))
        for (const chunk of chunks) upstream.write(chunk)
        await answered
      })
      held.clear()
      await Promise.all(answers)
    },
    async close() {
      cutAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
