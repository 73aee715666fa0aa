// consul-template, built from its source into a cache, and what stands in for the Consul that it asks.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync} from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

const version = 'v0.41.1'
const cache = fileURLToPath(
  new URL(`../../node_modules/.cache/yard-bench-rivals/${version}`, import.meta.url),
)

/** Resolves with `{program}`, or `{missing}`: why there is none. The first time it takes half a minute. */
export function buildConsulTemplate() {
  const program = path.join(cache, 'consul-template')
  if (existsSync(program)) return {program}
  if (spawnSync('go', ['version']).status !== 0)
    return {missing: 'go, which builds consul-template, is not installed'}
  mkdirSync(cache, {recursive: true})
  const built = spawnSync('go', ['install', `github.com/hashicorp/consul-template@${version}`], {
    env: {...process.env, GOBIN: cache},
    encoding: 'utf8',
  })
  return built.status === 0
    ? {program}
    : {missing: `consul-template can't be built: ${built.stderr.slice(-300)}`}
}

/**
 * The two questions that a template of services asks of Consul, answered with blocking queries as Consul does, from
 * memory and at once: no server of Consul is as quick, so what is measured in front of it favours the rival.
 * `endpoints` are lists of `{address, port}` by service.
 */
export async function startConsulStandIn(endpoints) {
  const indexes = new Map([...endpoints.keys()].map((service) => [service, 10]))
  const waiting = new Map()
  let servicesIndex = 10
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://consul')
    const [, service] = /^\/v1\/health\/service\/(.+)$/.exec(url.pathname) ?? []
    const topic = service ?? ''
    const index = () => (service === undefined ? servicesIndex : (indexes.get(service) ?? 10))
    const answer = () => {
      const body =
        service === undefined
          ? Object.fromEntries([...endpoints.keys()].map((name) => [name, []]))
          : (endpoints.get(service) ?? []).map((endpoint) => healthOf(service, endpoint))
      response.writeHead(200, {'content-type': 'application/json', 'x-consul-index': String(index())})
      response.end(JSON.stringify(body))
    }
    if (Number(url.searchParams.get('index') ?? 0) < index()) answer()
    else waiting.set(topic, [...(waiting.get(topic) ?? []), answer])
  })
  server.keepAliveTimeout = 120_000
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const wake = (topic) => {
    const answers = waiting.get(topic) ?? []
    waiting.delete(topic)
    for (const answer of answers) answer()
  }
  return {
    address: `127.0.0.1:${server.address().port}`,
    /** How many queries wait for a change. */
    waitingCount: () => [...waiting.values()].reduce((sum, list) => sum + list.length, 0),
    set(service, list) {
      const isNew = !endpoints.has(service)
      endpoints.set(service, list)
      indexes.set(service, (indexes.get(service) ?? 10) + 1)
      wake(service)
      if (!isNew) return
      servicesIndex += 1
      wake('')
    },
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function healthOf(service, {address, port}) {
  const id = `${service}-${address}-${port}`
  const node = {ID: 'b0a7', Node: 'web-1', Address: address, Datacenter: 'dc1', TaggedAddresses: {}, Meta: {}}
  return {
    Node: node,
    Service: {
      ID: id,
      Service: service,
      Tags: [],
      Address: address,
      Meta: {},
      Port: port,
      Weights: {Passing: 1, Warning: 1},
    },
    Checks: [
      {Node: 'web-1', CheckID: 'serf', Name: 'serf', Status: 'passing', ServiceID: '', ServiceName: ''},
    ],
  }
}
