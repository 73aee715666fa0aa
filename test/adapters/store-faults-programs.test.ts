import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {storeProgramsContract} from '../contracts/store-programs.js'
import {serveToAll} from '../server/serving.js'
import {etcdMissing, startCluster} from '../support/etcd/cluster.js'

storeProgramsContract('the store in SQLite', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'yard-programs-'))
  return {
    url: `sqlite:${path.join(directory, 'state', 'catalog.db')}`,
    close: async () => rmSync(directory, {recursive: true, force: true}),
  }
})

storeProgramsContract('the store over HTTP', async () => {
  const behind = new MemoryStore()
  const {server, url} = await serveToAll(behind)
  return {
    url,
    close: async () => {
      await server.drain(0)
      await behind.close()
    },
  }
})

const missing = etcdMissing()

if (missing === undefined) {
  storeProgramsContract('the store in etcd (three members)', async () => {
    const cluster = await startCluster()
    return {url: cluster.url, close: () => cluster.stop()}
  })
} else test.skip(`the store in etcd, used by several programs (skipped: ${missing})`, () => undefined)
