// A steady stream of requests to some services through the routing HAProxy of a host, counted by service.
import http from 'node:http'

const patienceMillis = 10_000
/** Shorter than HAProxy keeps an idle connection, and than an old worker of it lives. */
const idleMillis = 3_000
const failuresKept = 20

/**
 * `perSecond` requests to each service; every other one on a connection of its own, the rest on kept-alive ones.
 * `stop` resolves, once everything under way is answered, with `{[service]: {sent, failed, answeredBy, failures}}`.
 */
export function startLoad({url, header, services, perSecond}) {
  const kept = new http.Agent({keepAlive: true, maxSockets: 50, timeout: idleMillis})
  const agents = [kept, new http.Agent({keepAlive: false})]
  const counts = Object.fromEntries(services.map((service) => [service, emptyCounts()]))
  const begun = performance.now()
  const underWay = new Set()

  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond)
    for (const service of services) {
      while (counts[service].sent < due) sendOne(service)
    }
  }, 5)

  function sendOne(service) {
    const count = counts[service]
    const agent = agents[count.sent % agents.length]
    count.sent += 1
    const sentAt = new Date().toISOString()
    const finished = request(url, {[header]: service}, agent).then(
      ({status, who}) => {
        if (status === 200) count.answeredBy[who] = (count.answeredBy[who] ?? 0) + 1
        else fail(count, {sentAt, why: `status ${status}`})
      },
      (error) => fail(count, {sentAt, why: String(error.code ?? error.message), isReused: error.isReused}),
    )
    underWay.add(finished)
    void finished.finally(() => underWay.delete(finished))
  }

  return {
    counts,
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      for (const agent of agents) agent.destroy()
      return counts
    },
  }
}

function emptyCounts() {
  return {sent: 0, failed: 0, answeredBy: {}, failures: []}
}

function fail(count, failure) {
  count.failed += 1
  if (count.failures.length < failuresKept) count.failures.push(failure)
}

function request(url, headers, agent) {
  return new Promise((resolve, reject) => {
    const call = http.get(url, {headers, agent, timeout: patienceMillis}, (response) => {
      response.on('error', reject)
      response.on('end', () =>
        resolve({status: response.statusCode, who: response.headers['yard-test'] ?? '?'}),
      )
      response.resume()
    })
    call.on('timeout', () => call.destroy(new Error(`no answer in ${patienceMillis} ms`)))
    call.on('error', (error) => reject(Object.assign(error, {isReused: call.reusedSocket})))
  })
}
