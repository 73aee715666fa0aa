// The front door of every npm script a newcomer may run first: installs what is missing, then does the task.
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {ensureNode, ensurePackages} from './bootstrap/dependencies.mjs'
import {ensureEtcd} from './bootstrap/etcd.mjs'
import {ensureHaproxy} from './bootstrap/haproxy.mjs'
import {ensureIp} from './bootstrap/iproute.mjs'
import {ensureNspawn} from './bootstrap/nspawn.mjs'
import {ensureSshd} from './bootstrap/sshd.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const [task, ...args] = process.argv.slice(2)

ensureNode()
ensurePackages(root)

const tasks = {
  dev: async () => {
    const {build} = await import('./build.mjs')
    await build()
    const {runOrExit} = await import('./bootstrap/run.mjs')
    runOrExit(process.execPath, [path.join(root, 'bin/run.js'), ...args])
  },
  demo: async () => {
    ensureHaproxy()
    const {build} = await import('./build.mjs')
    await build()
    const {demo} = await import('./demo/demo.mjs')
    await demo()
  },
  test: async () => {
    ensureHaproxy()
    ensureEtcd()
    ensureIp()
    ensureNspawn()
    ensureSshd()
    const {test} = await import('./test.mjs')
    await test()
  },
  'test-matrix': async () => {
    const {testMatrix} = await import('./test-matrix.mjs')
    await testMatrix()
  },
  bench: async () => {
    ensurePackages(path.join(root, 'bench/rivals'))
    const {bench} = await import('./bench.mjs')
    await bench(args)
  },
}

await tasks[task]()
