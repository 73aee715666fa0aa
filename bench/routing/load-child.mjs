// Callers in a process of their own: `node load-child.mjs PORT SERVICE…` until SIGTERM, then it prints what it counted.
import http from 'node:http'
import {setTimeout as pause} from 'node:timers/promises'

const [port, ...services] = process.argv.slice(2)
/** Each asks, waits for the answer and a moment, and asks again on the same connection: as services with little to do. */
const paced = {callers: 60, pauseMillis: 50}
const fresh = {callers: 4, pauseMillis: 4}

const counts = {paced: newCounts(), fresh: newCounts()}
let isEnding = false
let turn = 0
process.once('SIGTERM', () => (isEnding = true))

await Promise.all([
  ...callers(paced.callers, () =>
    call(counts.paced, paced.pauseMillis, new http.Agent({keepAlive: true, maxSockets: 1})),
  ),
  ...callers(fresh.callers, () => call(counts.fresh, fresh.pauseMillis, new http.Agent({keepAlive: false}))),
])
console.log(JSON.stringify(counts))
process.exit()

function callers(count, start) {
  return Array.from({length: count}, start)
}

async function call(counted, pauseMillis, agent) {
  await pause(Math.random() * pauseMillis)
  while (!isEnding) {
    const why = await ask(agent, services[turn++ % services.length])
    counted.requests += 1
    if (why !== undefined) {
      counted.failed += 1
      counted.why[why] = (counted.why[why] ?? 0) + 1
    }
    await pause(pauseMillis)
  }
}

/** Undefined for a whole answer with status 200. */
function ask(agent, service) {
  return new Promise((resolve) => {
    const request = http.get(
      {host: '127.0.0.1', port, agent, headers: {'Yard-Service': service}, timeout: 10_000},
      (response) => {
        response.on('error', (error) => resolve(error.code))
        response.on('end', () =>
          resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`),
        )
        response.resume()
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer in 10 s')))
    request.on('error', (error) => resolve(error.code ?? error.message))
  })
}

function newCounts() {
  return {requests: 0, failed: 0, why: {}}
}
