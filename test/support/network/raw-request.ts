import net from 'node:net'
import tls from 'node:tls'

export interface RawAnswer {
  /** 0 when the connection was closed without an answer. */
  status: number
  head: string
  body: string
  /** Of the certificate that was shown. */
  fingerprint?: string
}

export interface RawRequest {
  /** Of this machine's loopback. */
  port: number
  /** One byte a character, each without its end of line: nobody on the way may tidy them up. */
  headers: readonly string[]
  path?: string
  /** Speaks TLS, and asks for this name. */
  serverName?: string
}

/** One GET on a connection of its own, exactly as it's given. */
export function rawRequest({headers, path = '/', port, serverName}: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const plain = net.connect({host: '127.0.0.1', port})
    const socket =
      serverName === undefined
        ? plain
        : tls.connect({socket: plain, servername: serverName, rejectUnauthorized: false})
    let [answer, fingerprint] = ['', undefined as string | undefined]
    plain.on('error', reject)
    socket.on('error', reject)
    socket.on(serverName === undefined ? 'connect' : 'secureConnect', () => {
      if (socket instanceof tls.TLSSocket) fingerprint = socket.getPeerCertificate().fingerprint256
      const lines = [`GET ${path} HTTP/1.1`, ...headers, 'Connection: close', '', '']
      socket.write(Buffer.from(lines.join('\r\n'), 'latin1'))
    })
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('close', () => {
      const end = answer.indexOf('\r\n\r\n')
      resolve({
        status: Number(/^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1] ?? 0),
        head: answer.slice(0, end),
        body: answer.slice(end + 4),
        ...(fingerprint !== undefined && {fingerprint}),
      })
    })
    plain.setTimeout(5_000, () => plain.destroy(new Error('timed out')))
  })
}
