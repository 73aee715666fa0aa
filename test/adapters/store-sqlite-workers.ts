import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {statSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

const root = path.resolve('.')
const worker = path.join(root, 'node_modules/.cache/yard-tests/store-sqlite-worker.mjs')

/** Bundled once: fifty programs that each compile TypeScript would take a minute. */
export function buildWorker(): void {
  const settings = [
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--external:@photostructure/sqlite',
    '--log-level=error',
  ]
  const source = fileURLToPath(new URL('./store-sqlite-worker.ts', import.meta.url))
  execFileSync(path.join(root, 'node_modules/.bin/esbuild'), [source, ...settings, `--outfile=${worker}`])
}

export interface Ended {
  code: number | null
  output: string
}

export interface Worker {
  child: ChildProcess
  ended: Promise<Ended>
  /** What it wrote so far. */
  output(): string
}

const ordinaryUser = 65_534

export function startWorker(args: string[], options: {asOrdinaryUser?: boolean} = {}): Worker {
  const user = options.asOrdinaryUser && isRoot() ? {uid: ordinaryUser, gid: ordinaryUser} : {}
  const child = spawn(process.execPath, [worker, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...user,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({code, output}))
  })
  return {child, ended, output: () => output}
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Why permissions can't be tried here; undefined when they can. Root may do everything, so it lends itself to nobody. */
export function whyNoOrdinaryUser(): string | undefined {
  if (!isRoot()) return undefined
  for (const needed of [root, path.dirname(process.execPath)]) {
    for (let place = needed; place !== path.dirname(place); place = path.dirname(place)) {
      if ((statSync(place).mode & 0o005) !== 0o005) return `ordinary users may not enter ${place}`
    }
  }
  return undefined
}
