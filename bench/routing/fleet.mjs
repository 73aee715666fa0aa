// Thousands of instances in one process: a HAProxy that answers at its port on every loopback address, and says at which.
import {adminSocketIn, startHaproxy} from './haproxy.mjs'

/** The address of one of the instances; each has its own. */
export function addressOf(index) {
  return `127.${1 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${1 + (index % 250)}`
}

/** Every answer, also that to a health check, is 200 and `address:port` of the instance. */
export async function startFleet(directory, port) {
  const text = `global
  stats socket ${adminSocketIn(directory)} mode 600 level admin
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout client 60s
  timeout http-request 10s
  timeout http-keep-alive 60s
frontend fleet
  bind 0.0.0.0:${port} backlog 8000
  http-request reject unless { dst 127.0.0.0/8 }
  http-request return status 200 content-type text/plain lf-string '%[dst]:%[dst_port]'
`
  const haproxy = await startHaproxy(directory, [{name: 'haproxy.cfg', text}])
  const pids = async () => (await haproxy.workers()).map(({pid}) => pid)
  const [worker] = await pids()
  return {
    port,
    endpoint: (index) => `${addressOf(index)}:${port}`,
    /** It keeps its connections and answers nothing: as a machine without power. */
    freeze: () => process.kill(worker, 'SIGSTOP'),
    thaw: () => process.kill(worker, 'SIGCONT'),
    stop: haproxy.stop,
  }
}
