// One measurement in a process of its own: `node child.mjs LIBRARY WHAT URL`, which prints a line of JSON.
import {openStoreAt} from './library.mjs'
import {environment} from './records.mjs'

const watchers = 200
const rounds = 50
/** While the watches are being opened. */
const firstRounds = 5

const [libraryFile, what, url] = process.argv.slice(2)
const library = await import(libraryFile)
const token = process.env.YARD_TOKEN
const open = () => openStoreAt(library, url, token)
console.log(JSON.stringify(await {snapshot, watch}[what]()))
process.exit()

/** CPU of reading all that the routers of one environment are made from; the store is open already. */
async function snapshot() {
  const store = await open()
  await store.get(library.keys.environment(environment))
  const catalog = new library.Catalog(store)
  const before = process.cpuUsage()
  const routed = await library.readRouted(catalog, environment)
  const services = await catalog.services.list(library.keys.services)
  const {user, system} = process.cpuUsage(before)
  return {
    millis: (user + system) / 1_000,
    records: routed.bindings.length + routed.instances.length + services.records.length,
    bad: routed.bad.length + services.bad.length,
  }
}

/** Milliseconds from the moment a write is sent to its arrival at each of many watchers. */
async function watch() {
  const [reader, writer] = [await open(), await open()]
  const prefix = library.keys.routed('bench')
  const {revision} = await reader.range(prefix)
  const ended = new AbortController()
  const arrivals = []
  let sentAt = 0
  let missing = 0
  let allArrived = () => undefined
  for (let index = 0; index < watchers; index += 1) void follow()
  for (let round = 0; round < firstRounds + rounds; round += 1) {
    missing = watchers
    const done = new Promise((resolve) => (allArrived = resolve))
    sentAt = performance.now()
    await writer.transact([], [{put: `${prefix}bind/bench`, value: `{"v":${round}}`}])
    await done
  }
  ended.abort()
  arrivals.splice(0, watchers * firstRounds)
  arrivals.sort((left, right) => left - right)
  const at = (share) => arrivals[Math.ceil(arrivals.length * share) - 1]
  return {p50: at(0.5), p99: at(0.99), deliveries: arrivals.length}

  async function follow() {
    for await (const batch of reader.watch(prefix, revision, ended.signal)) {
      if (batch.kind !== 'changes') throw new Error('the history is gone')
      arrivals.push(performance.now() - sentAt)
      missing -= 1
      if (missing === 0) allArrived()
    }
  }
}
