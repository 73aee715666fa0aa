// The three stores, empty, each with what starts and ends it. One that this machine can't offer says why.
import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync} from 'node:fs'
import path from 'node:path'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'

export const yard = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** Resolves with `{name, url, env, stop}`, or `{name, missing}`. */
export async function startStores(work, library) {
  return [startSqlite(work), await startEtcd(library), await startHttp(work)]
}

function startSqlite(work) {
  return {name: 'sqlite', url: `sqlite:${newFile(work, 'import')}`, env: {}, stop: () => undefined}
}

async function startEtcd({etcdMissing, startCluster}) {
  const missing = etcdMissing()
  if (missing !== undefined) return {name: 'etcd', missing}
  const cluster = await startCluster()
  return {name: 'etcd', url: cluster.url, env: {}, stop: () => cluster.stop()}
}

/** `yard serve` over a catalog in SQLite. */
async function startHttp(work) {
  const env = {YARD_STATE_DIR: path.dirname(newFile(work, 'served'))}
  const token = JSON.parse(runYard(['tokens', 'create', 'bench', '--role', 'admin', '--json'], env)).token
  const server = spawn(process.execPath, [yard, 'serve', '--listen', '127.0.0.1:0', '--quiet', '--json'], {
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({input: server.stdout}), 'line')
  return {
    name: 'http',
    url: JSON.parse(line).url,
    env: {YARD_TOKEN: token},
    stop: async () => {
      const ended = once(server, 'exit')
      server.kill()
      await ended
    },
  }
}

/** Runs yard to its end and returns what it printed. */
export function runYard(args, env) {
  const ended = spawnSync(process.execPath, [yard, ...args], {
    env: {...process.env, ...env},
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (ended.status !== 0) throw new Error(`yard ${args.join(' ')}: ${ended.stderr}${ended.stdout}`)
  return ended.stdout
}

export function newFile(work, name) {
  const directory = path.join(work, name)
  mkdirSync(directory, {recursive: true})
  return path.join(directory, 'catalog.db')
}
