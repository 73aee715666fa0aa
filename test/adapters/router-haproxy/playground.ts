import {mkdtempSync, rmSync} from 'node:fs'
import http from 'node:http'
import {connect} from 'node:net'
import os from 'node:os'
import path from 'node:path'

import {freePort} from '../../support/free-port.js'
import {SystemClock} from '../../../src/adapters/clock-system/index.js'
import {HaproxyRouter, type HaproxyRouterSettings} from '../../../src/adapters/router-haproxy/index.js'
import {
  findHaproxy,
  type FoundHaproxy,
  LocalRouterHost,
} from '../../../src/adapters/router-host-local/index.js'
import {type RouterHost} from '../../../src/contracts/router-host.js'
import {type RoutedServer, type RoutedService, type RoutingModel} from '../../../src/domain/routing.js'
import {renderHaproxy} from '../../../src/templates/haproxy.js'
import {Upstream} from '../../fakes/upstream.js'
import {Playground as ProcessPlayground} from '../processes-local/playground.js'

/** Undefined where no HAProxy can be had; tests then report a skip. */
export const haproxy: FoundHaproxy | undefined = await findHaproxy({
  override: process.env['YARD_HAPROXY'],
  searchPath: (process.env['PATH'] ?? '').split(path.delimiter),
}).catch(() => undefined)

export const skipReason = haproxy === undefined ? ' (skipped: haproxy is not installed)' : ''

export interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

/** A real HAProxy under the real process manager in a temporary directory. */
export class Playground {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'yard-router-'))
  readonly processPlayground = new ProcessPlayground()
  readonly upstreams: Upstream[] = []
  readonly routerDirectory = path.join(this.directory, 'haproxy')
  readonly runtimeDirectory = path.join(this.directory, 'run')
  port = 0

  async prepare(): Promise<this> {
    this.port = await freePort()
    return this
  }

  /** Each call is a yard that knows nothing of the ones before. */
  router(more: Partial<HaproxyRouterSettings> = {}): HaproxyRouter {
    return new HaproxyRouter({host: this.host(), clock: new SystemClock(), render: renderHaproxy, ...more})
  }

  host(): RouterHost {
    if (haproxy === undefined) throw new Error('haproxy is not installed')
    return new LocalRouterHost({
      haproxy,
      directory: this.routerDirectory,
      runtimeDirectory: this.runtimeDirectory,
      care: {kind: 'keeper', processes: this.processPlayground.manager()},
    })
  }

  async upstream(name?: string): Promise<Upstream> {
    const upstream = await Upstream.start(name)
    this.upstreams.push(upstream)
    return upstream
  }

  model(services: Record<string, (Upstream | RoutedServer)[]>, port = this.port): RoutingModel {
    return {
      listen: {address: '127.0.0.1', port},
      header: 'Yard-Service',
      services: Object.entries(services).map(([name, servers]) => service(name, servers)),
    }
  }

  get(headers: http.OutgoingHttpHeaders = {}, url = '/', method = 'GET'): Promise<Answer> {
    return exchange({host: '127.0.0.1', port: this.port, path: url, method, headers, agent: false})
  }

  /** Sends bytes as they are and returns all that comes back. */
  raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = ''
      const socket = connect(this.port, '127.0.0.1')
      socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')))
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
      socket.on('error', reject)
      socket.on('end', () => resolve(answer))
      socket.write(text, 'latin1')
    })
  }

  async clear(): Promise<void> {
    await Promise.all(this.upstreams.map((upstream) => upstream.stop()))
    await this.processPlayground.clear()
    rmSync(this.directory, {recursive: true, force: true})
  }
}

export function exchange(options: http.RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({timeout: 10_000, ...options}, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('error', reject)
      response.on('end', () => resolve({status: response.statusCode ?? 0, headers: response.headers, body}))
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end()
  })
}

function service(name: string, servers: (Upstream | RoutedServer)[]): RoutedService {
  return {
    name,
    healthPath: '/readyz',
    servers: servers.map((server) =>
      server instanceof Upstream ? {address: '127.0.0.1', port: server.port, state: 'up'} : server,
    ),
  }
}

export function draining(upstream: Upstream): RoutedServer {
  return {address: '127.0.0.1', port: upstream.port, state: 'draining'}
}

/** A host that does some things otherwise. */
export function overlaid(host: RouterHost, others: Partial<RouterHost>): RouterHost {
  return new Proxy(host, {
    get: (target, name) => {
      const other: unknown = Reflect.get(others, name)
      const found: unknown = other ?? Reflect.get(target, name)
      return typeof found === 'function' && other === undefined ? (found.bind(target) as unknown) : found
    },
  })
}

/** How often the master of today was reloaded. */
export async function reloads(host: RouterHost): Promise<number> {
  return Number(/^\d+\s+master\s+(\d+)/m.exec((await host.ask('master', 'show proc')) ?? '')?.[1])
}

export async function masterPid(host: RouterHost): Promise<number | undefined> {
  const pid = /^(\d+)\s+master\s/m.exec((await host.ask('master', 'show proc')) ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}

export async function workerPid(host: RouterHost): Promise<number | undefined> {
  const pid = /^Pid: (\d+)$/m.exec((await host.ask('admin', 'show info')) ?? '')?.[1]
  return pid === undefined ? undefined : Number(pid)
}
