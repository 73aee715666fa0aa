import net from 'node:net'

/** A way from this machine's loopback to an address on the inside of a network. */
export interface Door {
  port: number
  close(): void
}

/** `socket` is of the helper on the inside; `target` an `address:port` as it's reached from there. */
export async function openDoor(socket: string, target: string): Promise<Door> {
  const connections = new Set<net.Socket>()
  const server = net.createServer({allowHalfOpen: true}, (outer) => {
    const inner = net.connect({path: socket, allowHalfOpen: true})
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      connections.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        connections.delete(one)
        other.destroy()
      })
    }
    inner.write(`${target}\n`)
    outer.pipe(inner)
    inner.pipe(outer)
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
  })
  return {
    port,
    close() {
      for (const connection of connections) connection.destroy()
      server.close()
    },
  }
}
