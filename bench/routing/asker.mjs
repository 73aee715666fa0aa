// A caller on the host that never stops asking: who answered, and when it was asked.
import http from 'node:http'
import {setTimeout as pause} from 'node:timers/promises'

/** Callers keep their connections, as services do. */
export function makeAsker(port, {maxSockets = 4, timeoutMillis = 5_000} = {}) {
  const agent = new http.Agent({keepAlive: true, maxSockets})
  const ask = (service) =>
    new Promise((resolve) => {
      const headers = {'Yard-Service': service}
      const options = {host: '127.0.0.1', port, agent, headers, timeout: timeoutMillis}
      const request = http.get(options, (response) => {
        let body = ''
        response.on('data', (bytes) => (body += bytes))
        response.on('end', () => resolve({status: response.statusCode, endpoint: body}))
      })
      request.on('timeout', () => request.destroy())
      request.on('error', () => resolve({status: 0, endpoint: ''}))
    })
  return {
    ask,
    /** Milliseconds from `begun` to the first answer that is wanted. */
    async firstAnswer(service, begun, isWanted, withinMillis = 10_000) {
      while (!isWanted(await ask(service))) {
        if (performance.now() - begun > withinMillis) return Infinity
        await pause(1)
      }
      return performance.now() - begun
    },
    /** Milliseconds from `begun` to when the last request was sent that an endpoint answered; 0 when there was none. */
    async lastAnswer(service, begun, endpoint, quietMillis = 250) {
      let last = begun
      while (performance.now() - last < quietMillis) {
        const sent = performance.now()
        if ((await ask(service)).endpoint === endpoint) last = sent
        await pause(1)
      }
      return last - begun
    },
    close: () => agent.destroy(),
  }
}
