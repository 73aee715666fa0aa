// The built sidecar of one host, as hosts run it: the single file, with its HAProxy.
import {spawnSync} from 'node:child_process'
import {copyFileSync, mkdirSync, readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {ask, startWithThis, workersOf} from './haproxy.mjs'
import {environment, host} from './platform.mjs'
import {until} from './wait.mjs'

const built = fileURLToPath(new URL('../../dist/sidecar.mjs', import.meta.url))
/** HAProxy keeps a file for each server that it checks: 30,000 of ten thousand services. */
const withManyFiles = ['prlimit', '--nofile=200000:200000']

/** Whether this user may have so many files open. */
export const mayHaveManyFiles = () => spawnSync(withManyFiles[0], [withManyFiles[1], 'true']).status === 0

/** Starts it; `answers` resolves once HAProxy takes requests, with the milliseconds since the start. */
export function startSidecar({work, url, routerPort, doorPort, hasManyFiles = false}) {
  mkdirSync(work, {recursive: true})
  const file = path.join(work, 'sidecar.mjs')
  copyFileSync(built, file)
  const directory = path.join(work, 'files')
  const runtime = path.join(work, 'run')
  const args = [file, '--env', environment, '--host', host, '--catalog', url, '--door-port', String(doorPort)]
  const places = ['--directory', directory, '--runtime-directory', runtime]
  const env = {...process.env, YARD_STATE_DIR: path.join(work, 'state')}
  const words = [...(hasManyFiles ? withManyFiles : []), process.execPath, ...args, ...places]
  const begun = performance.now()
  const program = startWithThis(words[0], words.slice(1), {env})
  const answered = async (service) => {
    const answer = await fetch(`http://127.0.0.1:${routerPort}/`, {headers: {'Yard-Service': service}}).catch(
      () => undefined,
    )
    return answer?.status === 200
  }
  return {
    pid: program.pid,
    directory,
    async answers(service) {
      await until(
        () => `the sidecar: ${program.output()}`,
        async () => {
          if (program.hasEnded()) throw new Error(`the sidecar ended: ${program.output()}`)
          return answered(service)
        },
        {withinMillis: 60_000},
      )
      return performance.now() - begun
    },
    /** The figures of `/metrics`, by name with labels. */
    async metrics() {
      const answer = await fetch(`http://127.0.0.1:${doorPort}/metrics`)
      return metricsOf(await answer.text())
    },
    output: program.output,
    stateFile: path.join(directory, 'followed.json'),
    routing: path.join(directory, 'haproxy'),
    /** The workers of its HAProxy, those that take new connections first. */
    workers: async () => workersOf(await ask(path.join(runtime, 'haproxy-master.sock'), 'show proc')),
    reloadHaproxy: () => ask(path.join(runtime, 'haproxy-master.sock'), 'reload'),
    /** Ends the sidecar, its keeper and its HAProxy. */
    async stop() {
      await program.kill('SIGKILL')
      for (let round = 0; round < 3; round += 1) for (const pid of pidsWith(work)) endQuietly(pid)
    },
  }
}

function metricsOf(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space).replace('yard_sidecar_', ''), Number(line.slice(space + 1))]
    }),
  )
}

/** Processes that were started with a path below the directory. */
function pidsWith(directory) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => commandOf(pid).includes(directory))
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function endQuietly(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
