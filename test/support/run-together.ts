import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {afterAll, afterEach, beforeAll} from '@jest/globals'

const root = path.resolve('.')
/** Inside the project, so that what is not bundled is found. */
const cache = path.join(root, 'node_modules/.cache/yard-tests')

export interface Ended {
  code: number | null
  output: string
}

export interface Worker {
  child: ChildProcess
  ended: Promise<Ended>
  /** What it wrote so far. */
  output(): string
  /** Writes one line to it. */
  tell(line: string): void
  /** Waits until it has written this line. */
  says(line: string): Promise<void>
}

export interface WorkerOptions {
  asOrdinaryUser?: boolean
  /** Besides this program's own: what the catalog asks for, such as YARD_TOKEN. */
  variables?: Record<string, string>
}

/** Starts `catalog-worker.ts` with a task, the URL of a catalog, and what the task takes. */
export type StartWorker = (args: readonly string[], options?: WorkerOptions) => Worker

/**
 * For a test file: bundles `catalog-worker.ts` once, because fifty programs that each compile TypeScript would take a
 * minute, and kills what a test leaves running.
 */
export function catalogWorkers(): StartWorker {
  const running = new Set<Worker>()
  let directory = ''

  beforeAll(() => {
    mkdirSync(cache, {recursive: true, mode: 0o755})
    directory = mkdtempSync(path.join(cache, 'catalog-worker-'))
    execFileSync('chmod', ['755', directory])
    bundle(directory)
  })
  afterEach(async () => {
    const left = [...running]
    for (const {child} of left) child.kill('SIGKILL')
    await Promise.all(left.map(({ended}) => ended))
    running.clear()
  })
  afterAll(() => rmSync(directory, {recursive: true, force: true}))

  return (args, options = {}) => {
    const worker = start([path.join(directory, 'catalog-worker.mjs'), ...args], options)
    running.add(worker)
    return worker
  }
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

/** Who runs what `asOrdinaryUser` asks for, when the tests run as root. */
export const ordinaryUser = 65_534

const patienceMillis = 60_000

function bundle(directory: string): void {
  const settings = [
    '--bundle',
    '--splitting',
    '--platform=node',
    '--format=esm',
    '--out-extension:.js=.mjs',
    '--external:@photostructure/sqlite',
    '--log-level=error',
    `--outdir=${directory}`,
  ]
  const source = fileURLToPath(new URL('./catalog-worker.ts', import.meta.url))
  execFileSync(path.join(root, 'node_modules/.bin/esbuild'), [source, ...settings])
}

function start(args: readonly string[], {asOrdinaryUser = false, variables = {}}: WorkerOptions): Worker {
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    env: {...process.env, NODE_OPTIONS: '', ...variables},
    ...(asOrdinaryUser && isRoot() && {uid: ordinaryUser, gid: ordinaryUser}),
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  // A worker that was killed reads nothing more.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({code, output}))
  })
  const says = async (line: string) => {
    const deadline = Date.now() + patienceMillis
    while (!output.split('\n').slice(0, -1).includes(line)) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${line} after ${output}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return {child, ended, output: () => output, tell: (line) => void child.stdin.write(`${line}\n`), says}
}
