import {type ChildProcess} from 'node:child_process'
import path from 'node:path'

import {freePort} from '../../support/free-port.js'
import {type Cluster, etcdMissing, startCluster} from '../../support/etcd/cluster.js'
import {Sandbox} from './sandbox.js'

/** One way of keeping a catalog, made ready for the commands of a sandbox. */
export interface CatalogPlace {
  name: string
  /** Why this machine can't provide it. */
  missing?: string
  /** Has the sandbox use a new, empty catalog. */
  open: (sandbox: Sandbox) => Promise<OpenPlace>
}

export interface OpenPlace {
  /** Everything that the store writes lies below it. */
  directory: string
  close: () => Promise<void>
}

/** The three stores that a team may choose from. */
export function catalogPlaces(): CatalogPlace[] {
  const missing = etcdMissing()
  return [
    {
      name: 'SQLite',
      open: async (sandbox) => {
        const directory = path.join(sandbox.home, 'team')
        sandbox.variables['YARD_CATALOG'] = `sqlite:${directory}/catalog.db`
        return {directory, close: async () => undefined}
      },
    },
    {
      name: 'etcd (three members)',
      ...(missing !== undefined && {missing}),
      open: async (sandbox) => {
        const cluster: Cluster = await startCluster()
        sandbox.variables['YARD_CATALOG'] = cluster.url
        return {directory: cluster.directory, close: () => cluster.stop()}
      },
    },
    {name: 'HTTP (yard serve)', open: openServed},
  ]
}

async function openServed(sandbox: Sandbox): Promise<OpenPlace> {
  const there = new Sandbox()
  const {token} = await there.json<{token: string}>(['tokens', 'create', 'test', '--role', 'admin'])
  const port = await freePort()
  const server = there.start(['serve', '--listen', `127.0.0.1:${port}`])
  await listening(server)
  sandbox.variables['YARD_CATALOG'] = `http://127.0.0.1:${port}`
  sandbox.variables['YARD_TOKEN'] = token
  return {directory: there.state, close: () => there.dispose()}
}

/** Resolves once a server has said where it listens. @throws Error with what it wrote when it ends before. */
export function listening(server: ChildProcess): Promise<void> {
  let written = ''
  return new Promise((resolve, reject) => {
    const look = (chunk: Buffer) => {
      written += chunk.toString()
      if (/https?:\/\/\S+:\d+/.test(written)) resolve()
    }
    server.stdout?.on('data', look)
    server.stderr?.on('data', look)
    server.on('close', () => reject(new Error(`the server ended: ${written}`)))
  })
}
