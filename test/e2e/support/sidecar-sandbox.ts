import {type ChildProcess} from 'node:child_process'
import {existsSync, mkdirSync} from 'node:fs'
import net from 'node:net'
import path from 'node:path'

import {freePort} from '../../support/free-port.js'
import {openSqliteStore} from '../../../src/adapters/store-sqlite/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {type Store} from '../../../src/contracts/store.js'
import {type Service} from '../../../src/domain/service.js'
import {type SidecarStatusReport} from '../../../src/lifecycle/sidecar/status.js'
import {aBinding, aHost, anEnvironment, anInstance, aRelease, aService} from '../../fakes/records.js'
import {get} from './http.js'
import {PlainServer} from './plain-server.js'
import {eventually, Sandbox} from './sandbox.js'

const environment = 'staging'
const host = 'web-1'

/** One host of an environment on this machine, with a catalog in a file. */
export class SidecarSandbox extends Sandbox {
  port = 0
  private opened: Store | undefined
  private readonly servers: PlainServer[] = []

  /** Where the host is before anything is registered. */
  async begin(): Promise<void> {
    this.port = await freePorts()
    const {catalog} = await this.store()
    const router = {address: '127.0.0.1', port: this.port, header: 'Yard-Service'}
    await catalog.store.transact(
      [],
      [
        catalog.environments.put(keys.environment(environment), anEnvironment({router})),
        catalog.hosts.put(keys.host(environment, host), aHost({address: '127.0.0.1'})),
      ],
    )
  }

  /** A plain server that answers with its name; resolves with its port. */
  async serve(name: string): Promise<number> {
    const server = await PlainServer.start(name)
    this.servers.push(server)
    return server.port
  }

  /** Makes the catalog say that a service has this one instance. */
  async place(service: string, port: number, changes: Partial<Service> = {}): Promise<void> {
    const {catalog} = await this.store()
    const instance = anInstance({service, environment, host, port})
    await catalog.store.transact(
      [],
      [
        catalog.services.put(keys.service(service), aService({name: service, ...changes})),
        catalog.releases.put(keys.release(service, 1), aRelease({service, environment})),
        catalog.bindings.put(keys.binding(environment, service), aBinding({service})),
        catalog.instances.put(keys.instance(environment, service, instance.id), instance),
      ],
    )
  }

  async remove(service: string): Promise<void> {
    const {catalog} = await this.store()
    const {entries} = await catalog.store.range(keys.instances(environment, service))
    await catalog.store.transact(
      [],
      [
        {delete: keys.service(service)},
        {delete: keys.binding(environment, service)},
        ...entries.map(({key}) => ({delete: key})),
      ],
    )
  }

  /** Starts a sidecar; `failpoint` names where it is killed. */
  sidecar(failpoint?: string): {
    child: ChildProcess
    ended: Promise<NodeJS.Signals | null>
    said: () => string
  } {
    const args = ['sidecar', 'run', '--env', environment, '--host', host]
    const child = this.start(args, {
      env: failpoint === undefined ? {} : {YARD_FAILPOINT: `${failpoint}:kill`},
    })
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const ended = new Promise<NodeJS.Signals | null>((resolve) => {
      child.on('exit', (_, signal) => resolve(signal))
    })
    return {child, ended, said: () => text}
  }

  /** What the sidecar of this machine says, or the catalog says of it. */
  async status(...flags: string[]): Promise<SidecarStatusReport & {code: number | null}> {
    const {code, stdout, stderr} = await this.yard([
      'sidecar',
      'status',
      '--env',
      environment,
      '--json',
      ...flags,
    ])
    if (stdout === '') throw new Error(stderr)
    return {...(JSON.parse(stdout) as SidecarStatusReport), code}
  }

  get here(): string[] {
    return ['--here', '--door-port', String(this.port + 2)]
  }

  /** Until requests to a service are answered by this one, so many times in a row. */
  async answers(service: string, name: string, times = 5): Promise<void> {
    await eventually(`${service} is answered by ${name}`, async () => {
      for (let turn = 0; turn < times; turn++) {
        const answer = await get(this.port, {'Yard-Service': service}).catch(() => undefined)
        if (answer?.body !== name) return undefined
      }
      return true
    })
  }

  override async dispose(): Promise<void> {
    await this.opened?.close()
    // HAProxy outlives its sidecar: one that takes it along ends it.
    const last = this.start(['sidecar', 'run', '--env', environment, '--host', host, '--stop-haproxy'])
    await eventually(
      'the last sidecar is up',
      () => (last.exitCode === null ? this.isUp() : true),
      30_000,
    ).catch(() => undefined)
    last.kill('SIGTERM')
    await eventually('it has ended', () => (last.exitCode ?? last.signalCode ?? undefined) && true).catch(
      () => undefined,
    )
    await Promise.all(this.servers.map((server) => server.stop()))
    await super.dispose()
  }

  private async isUp(): Promise<true | undefined> {
    const answer = await get(this.port + 2, {}, '/status').catch(() => undefined)
    return answer?.status === 200 ? true : undefined
  }

  private async store(): Promise<{catalog: Catalog}> {
    if (!existsSync(this.state)) mkdirSync(this.state, {recursive: true})
    this.opened ??= await openSqliteStore({file: path.join(this.state, 'catalog.db')})
    return {catalog: new Catalog(this.opened)}
  }
}

/** Three in a row that nobody has: of the router, its statistics and the sidecar's door. */
async function freePorts(): Promise<number> {
  for (;;) {
    const port = await freePort()
    const isFree = await Promise.all([port + 1, port + 2].map(canListen))
    if (isFree.every(Boolean)) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
