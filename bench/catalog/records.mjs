// A platform of the size that yard promises to be quick at, the same at every run: a seeded generator of records.

export const size = {services: 10_000, instancesPerService: 3, hosts: 500}
export const environment = 'production'

const root = '/yard/v1'
const firstPort = 21_000
const words =
  'billing order invoice account stock price cart mail search report ledger refund quote label parcel'
const nouns = words.split(' ')
const owners = ['payments', 'logistics', 'storefront', 'identity', 'platform', 'insights'].map(
  (team) => `${team}@example.com`,
)

/**
 * Every record but what hosts report of themselves: `[key, record]` pairs in no special order. `fraction` makes a
 * smaller platform of the same kind.
 */
export function* catalogRecords(fraction = 1) {
  const random = seeded(20_261_121)
  const hosts = Math.ceil(size.hosts * fraction)
  yield [`${root}/environments/${environment}`, environmentRecord]
  for (let host = 0; host < hosts; host += 1) yield hostRecord(host)
  for (let index = 0; index < size.services * fraction; index += 1) {
    const service = serviceNamed(index, random)
    yield [`${root}/services/${service.name}`, service]
    yield* deployedRecords(service, index, random, hosts)
  }
}

/** What the supervisor of each host says of its instances and of itself: `[key, record, host]`. */
export function* statusRecords(records) {
  const random = seeded(20_261_122)
  const serving = new Map()
  for (const [key, instance] of records) {
    if (!key.includes('/rt/inst/')) continue
    const isRunning = random() > 0.01
    const status = {
      v: 1,
      id: instance.id,
      running: isRunning ? 'running' : 'backing-off',
      pid: 1_000 + Math.floor(random() * 60_000),
      since: instantAt(random),
      restarts: isRunning ? 0 : 3,
      ...(!isRunning && {lastExit: 'exit code 1', nextStartAt: instantAt(random)}),
      healthy: isRunning,
    }
    yield [`${root}/in/${environment}/status/${instance.id}`, status, instance.host]
    if (!serving.has(instance.host)) serving.set(instance.host, [])
    if (isRunning) serving.get(instance.host).push(`${instance.service}-r${instance.release}`)
  }
  for (const [host, releases] of serving) {
    yield [`${root}/in/${environment}/agents/${host}`, agentRecord(host, releases), host]
  }
}

function agentRecord(host, serving) {
  return {
    v: 1,
    host,
    pid: 4_711,
    startedAt: '2026-11-20T12:00:00.000Z',
    appliedRevision: 1,
    haproxyVersion: '2.6.12',
    serving,
    skipped: [],
  }
}

const environmentRecord = {
  v: 1,
  name: environment,
  kind: 'hosts',
  router: {address: '127.0.0.1', port: 7_070, header: 'Yard-Service'},
}

const hostName = (host) => `web-${host + 1}`
const addressOf = (host) => `10.0.${Math.floor(host / 250)}.${(host % 250) + 1}`

function hostRecord(host) {
  const record = {
    v: 1,
    name: hostName(host),
    environment,
    address: addressOf(host),
    description: 'runs services',
    zone: ['a', 'b', 'c'][host % 3],
  }
  return [`${root}/in/${environment}/hosts/${record.name}`, record]
}

function serviceNamed(index, random) {
  const name = `${pick(nouns, random)}-${pick(nouns, random)}-${index}`
  const at = instantAt(random)
  return {
    v: 1,
    name,
    owner: pick(owners, random),
    description: `Keeps the ${pick(nouns, random)} of every ${pick(nouns, random)} and answers questions about it`,
    repository: `git@git.example.com:services/${name}.git`,
    processes: {web: 'node dist/main.js', worker: 'node dist/worker.js'},
    health: {path: '/readyz', timeoutMillis: 30_000, stableMillis: 3_000},
    routes: [
      {kind: 'header', value: name},
      {kind: 'internal', value: name},
    ],
    port: 3_000 + (index % 1_000),
    registeredAt: at,
    updatedAt: at,
  }
}

function* deployedRecords(service, index, random, hosts) {
  const {name} = service
  const release = 1 + Math.floor(random() * 400)
  const commit = hex(random, 40)
  const at = instantAt(random)
  const number = String(release).padStart(9, '0')
  yield [`${root}/releases/${name}/${number}`, releaseRecord(service, release, commit, at, random)]
  const deploy = {
    v: 1,
    number: release,
    service: name,
    environment,
    kind: 'deploy',
    ref: 'main',
    commit,
    build: commit,
    dirty: false,
    release,
    by: 'ada@laptop',
    host: 'laptop',
    startedAt: at,
    finishedAt: at,
    outcome: 'live',
  }
  yield [`${root}/in/${environment}/deploys/${name}/${number}`, deploy]
  const binding = {
    v: 1,
    service: name,
    active: release,
    previous: release - 1,
    instances: size.instancesPerService,
    movedAt: at,
    deploy: release,
  }
  yield [`${root}/in/${environment}/rt/bind/${name}`, binding]
  for (let copy = 0; copy < size.instancesPerService; copy += 1) {
    const slot = index * size.instancesPerService + copy
    const host = (slot * 167) % hosts
    const port = firstPort + Math.floor(slot / hosts)
    const id = `${name}-r${release}@${hostName(host)}`
    const instance = {
      v: 1,
      id,
      service: name,
      release,
      process: 'web',
      environment,
      host: hostName(host),
      address: addressOf(host),
      port,
      state: 'up',
      deploy: release,
      createdAt: at,
    }
    yield [`${root}/in/${environment}/rt/inst/${name}/${id}`, instance]
    const reservation = {v: 1, environment, host: hostName(host), port, owner: id}
    yield [`${root}/in/${environment}/ports/${hostName(host)}/${port}`, reservation]
  }
}

function releaseRecord(service, number, commit, createdAt, random) {
  return {
    v: 1,
    service: service.name,
    number,
    environment,
    build: commit,
    commit,
    ref: 'main',
    dirty: false,
    artifact: hex(random, 64),
    variables: {LOG_LEVEL: 'info', NODE_ENV: 'production'},
    processes: service.processes,
    health: service.health,
    drain: {timeoutMillis: 30_000, graceMillis: 10_000},
    smoke: ['smoke/**/*.hurl'],
    createdAt,
    createdBy: 'ada@laptop',
  }
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function pick(list, random) {
  return list[Math.floor(random() * list.length)]
}

function hex(random, length) {
  return Array.from({length}, () => Math.floor(random() * 16).toString(16)).join('')
}

function instantAt(random) {
  return new Date(Date.UTC(2026, 0, 1) + Math.floor(random() * 300 * 86_400_000)).toISOString()
}
