import http from 'node:http'
import net from 'node:net'

import {expect} from '@jest/globals'

export interface Asked {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
  /** What the text says, when it's JSON. */
  json: unknown
}

export interface Question {
  method?: string
  token?: string
  headers?: Record<string, string>
  /** Sent as JSON, unless it's text already. */
  body?: unknown
}

/** One request on a connection of its own. */
export function ask(url: string, {body, headers = {}, method = 'GET', token}: Question = {}): Promise<Asked> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method,
      agent: false,
      headers: {
        ...(token !== undefined && {authorization: `Bearer ${token}`}),
        ...(text !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
        ...headers,
      },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let received = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (received += chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: received,
          json: parsed(received),
        })
      })
    })
    request.end(text)
  })
}

/** Sends bytes as they are and returns what comes back until the server closes the connection. */
export function sendRaw(port: number, write: (socket: net.Socket) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => write(socket))
    let received = ''
    socket.on('data', (chunk) => (received += chunk.toString('utf8')))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(received))
  })
}

/** Reads a watch by hand. */
export class WatchReader {
  text = ''
  isEnded = false
  private constructor(
    private readonly request: http.ClientRequest,
    readonly response: http.IncomingMessage,
  ) {
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => (this.text += chunk))
    response.on('error', () => (this.isEnded = true))
    response.on('close', () => (this.isEnded = true))
  }

  static open(url: string, token: string, headers: Record<string, string> = {}): Promise<WatchReader> {
    return new Promise((resolve, reject) => {
      const request = http.get(url, {agent: false, headers: {authorization: `Bearer ${token}`, ...headers}})
      request.on('response', (response) => resolve(new WatchReader(request, response)))
      request.on('error', reject)
    })
  }

  /** The revisions of the changes so far. */
  get revisions(): number[] {
    return [...this.text.matchAll(/^id: (\d+)\nevent: changes$/gm)].map(([, id]) => Number(id))
  }

  close(): void {
    this.request.destroy()
  }
}

/** A path with a query. */
export function query(path: string, values: Record<string, string>): string {
  return `${path}?${new URLSearchParams(values).toString()}`
}

/** Every refusal has the shape of yard's errors. */
export function expectRefusal(asked: Asked, status: number, code: string): void {
  expect({status: asked.status, json: asked.json}).toEqual({
    status,
    json: {
      error: {
        code,
        what: expect.any(String),
        why: expect.any(String),
        next: expect.arrayContaining([expect.any(String)]),
      },
    },
  })
  expect(asked.headers['content-type']).toMatch(/^application\/json/)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
