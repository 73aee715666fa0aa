// wrk with one thread: requests per second and p99 of one kind of request.
import {spawn, spawnSync} from 'node:child_process'

/** Why benches with wrk can't run here; undefined when they can. */
export function wrkMissing() {
  return spawnSync('wrk', ['-v']).error === undefined ? undefined : 'wrk is not installed'
}

/** Resolves with `{perSecond, p99Millis, requests, failed}`; failed are socket errors, not answers such as 404. */
export function runWrk({url, headers = {}, seconds, connections = 32}) {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...given, url]
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', args, {stdio: ['ignore', 'pipe', 'inherit']})
    let text = ''
    child.stdout.on('data', (bytes) => (text += bytes))
    child.on('error', reject)
    child.on('close', () => resolve(read(text)))
  })
}

function read(text) {
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? []
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    p99Millis: millis(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
    failed: errors.slice(1).reduce((sum, each) => sum + Number(each), 0),
  }
}

function millis([, value, unit] = []) {
  return Number(value) * {us: 0.001, ms: 1, s: 1_000}[unit]
}
