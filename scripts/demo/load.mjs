// A steady stream of requests with a count of those that failed. Half of them on kept-alive connections, half on new ones.
import http from 'node:http'

const patienceMillis = 10_000

/** Less than HAProxy keeps an idle connection: otherwise a request may meet the end of the one that it is sent on. */
const idleMillis = 15_000

export function startLoad({url, headers, perSecond}) {
  const agents = [
    new http.Agent({keepAlive: true, maxSockets: 50, timeout: idleMillis}),
    new http.Agent({keepAlive: false}),
  ]
  const counts = {sent: 0, answered: 0, failed: 0, releases: new Map(), firstFailure: undefined}
  const begun = performance.now()
  const underWay = new Set()
  // A burst after a pause of this program's own is worth knowing of when something failed in it.
  let [lastTurn, longestPause] = [begun, 0]

  const timer = setInterval(() => {
    const now = performance.now()
    longestPause = Math.max(longestPause, now - lastTurn)
    lastTurn = now
    const due = Math.floor(((now - begun) / 1000) * perSecond)
    while (counts.sent < due) sendOne(agents[counts.sent % agents.length])
  }, 5)

  function sendOne(agent) {
    counts.sent += 1
    const finished = request(url, headers, agent).then(
      ({release, status}) => {
        counts.answered += 1
        if (status < 200 || status > 299) fail(`status ${status}`)
        else counts.releases.set(release, (counts.releases.get(release) ?? 0) + 1)
      },
      (error) => {
        counts.answered += 1
        fail(error.message)
      },
    )
    underWay.add(finished)
    void finished.finally(() => underWay.delete(finished))
  }

  function fail(why) {
    counts.failed += 1
    const pause =
      longestPause > 1_000 ? `, after the load itself had paused for ${Math.round(longestPause)} ms` : ''
    counts.firstFailure ??= why + pause
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

function request(url, headers, agent) {
  return new Promise((resolve, reject) => {
    const begun = performance.now()
    const call = http.get(url, {headers, agent, timeout: patienceMillis}, (response) => {
      response.on('error', failed)
      response.on('end', () =>
        resolve({status: response.statusCode, release: response.headers['yard-release'] ?? '?'}),
      )
      response.resume()
    })
    call.on('timeout', () => call.destroy(new Error('no answer in 10 s')))
    call.on('error', failed)

    function failed(error) {
      const {reusedSocket, socket} = call
      const connection = reusedSocket ? `kept, ${socket?.bytesRead} bytes read before` : 'new'
      const millis = Math.round(performance.now() - begun)
      reject(
        new Error(`${error.code ?? error.message} after ${millis} ms on a connection that was ${connection}`),
      )
    }
  })
}
