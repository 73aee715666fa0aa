import type http from 'node:http'
import type net from 'node:net'

import {type Connection, type OutgoingCall} from './connection.js'

/** What a server answered, whoever it is. */
export interface Answer {
  status: number
  contentType: string
  body: string
  /** Milliseconds that the server wants to be left alone. */
  retryAfterMillis: number | undefined
}

export interface ExchangeLimits {
  /** The longest wait for the next sign of life. */
  timeoutMillis: number
  /** The longest wait for all of it. */
  totalMillis: number
  maxBytes: number
}

/** An exchange that did not come to an answer. */
export class BrokenExchange extends Error {
  constructor(
    /** A code such as ECONNREFUSED, or a few words. */
    readonly detail: string,
    /** The server may have received the request, and may have done what it asks. */
    readonly mayHaveArrived: boolean,
    /** The end of a connection, not of somebody's patience: the next try may go well. */
    readonly isBroken: boolean,
  ) {
    super(detail)
  }
}

/** Sends one request and reads its whole answer. @throws BrokenExchange */
export function exchange(
  connection: Connection,
  call: OutgoingCall,
  {maxBytes, timeoutMillis, totalMillis}: ExchangeLimits,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = connection.open(call, 'call')
    let isConnected = false
    const fail = (detail: string, isBroken: boolean) => {
      clearTimeout(silence)
      clearTimeout(total)
      outgoing.destroy()
      reject(new BrokenExchange(detail, isConnected, isBroken))
    }
    const silence = setTimeout(
      () => fail(`no answer within ${timeoutMillis / 1_000} s`, false),
      timeoutMillis,
    )
    const total = setTimeout(() => fail(`not done within ${totalMillis / 1_000} s`, false), totalMillis)
    whenConnected(outgoing, connection.isSecure, () => (isConnected = true))
    outgoing.on('error', (error) => fail(detailOf(error), true))
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      let bytes = 0
      incoming.on('error', (error) => fail(detailOf(error), true))
      incoming.on('data', (chunk: Buffer) => {
        silence.refresh()
        bytes += chunk.length
        if (bytes > maxBytes) fail(`its answer is larger than ${maxBytes} bytes`, false)
        else chunks.push(chunk)
      })
      incoming.on('end', () => {
        clearTimeout(silence)
        clearTimeout(total)
        resolve({...headOf(incoming), body: Buffer.concat(chunks).toString('utf8')})
      })
    })
  })
}

/** Status, kind and the wish to be left alone, before any of the body. */
export function headOf(incoming: http.IncomingMessage): Omit<Answer, 'body'> {
  const seconds = /^\d{1,5}$/.exec(incoming.headers['retry-after'] ?? '')?.[0]
  return {
    status: incoming.statusCode ?? 0,
    contentType: (incoming.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
    retryAfterMillis: seconds === undefined ? undefined : Number(seconds) * 1_000,
  }
}

/** A code of Node, which says more than its message; several addresses tried at once fail as one error holding others. */
export function detailOf(error: unknown): string {
  const {code, errors, message} = error as {code?: unknown; errors?: unknown; message?: unknown}
  if (typeof code === 'string') return code
  if (Array.isArray(errors) && errors.length > 0) return detailOf(errors[0])
  return typeof message === 'string' && message !== '' ? message : 'the connection broke'
}

function whenConnected(outgoing: http.ClientRequest, isSecure: boolean, connected: () => void): void {
  outgoing.on('socket', (socket: net.Socket) => {
    if (outgoing.reusedSocket) connected()
    else socket.once(isSecure ? 'secureConnect' : 'connect', connected)
  })
}
