// From a write to the catalog to the first request at the new instance: 1,000 services with 3 instances each on etcd.
import {mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'

import {makeAsker} from './routing/asker.mjs'
import {startCatalog} from './routing/catalog.mjs'
import {startConsulTemplate} from './routing/consul-template.mjs'
import {judge, percentile, say, saySurroundings, shown, spread} from './routing/figures.mjs'
import {addressOf, startFleet} from './routing/fleet.mjs'
import {cpuMillisOf, haproxyMissing, residentMegabytes} from './routing/haproxy.mjs'
import {makeRoutingLibrary} from './routing/library.mjs'
import {addedService, anotherInstance, instanceKey, routedRecords} from './routing/platform.mjs'
import {startSidecar} from './routing/sidecar.mjs'
import {until} from './routing/wait.mjs'

const services = 1_000
const rounds = {instances: 120, drains: 60, spares: 12, reloads: 4, rival: 25}
const idleMillis = 10_000
/** A host has six reloads a minute; what waits for its turn isn't what is measured. Services on spares are tidied up, too. */
const pauseOfReloads = 21_000
/** Addresses from here on are nobody's yet. */
let nextAddress = services * 3

export async function bench() {
  const made = await makeRoutingLibrary()
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  try {
    const library = await import(made.file)
    const missing = haproxyMissing() ?? library.etcdMissing()
    if (missing === undefined) return await measure(library, work)
    console.log(`\nFrom a change to traffic\n  - skipped: ${missing}`)
    return true
  } finally {
    made.remove()
    rmSync(work, {recursive: true, force: true})
  }
}

async function measure(library, work) {
  const [fleetPort, routerPort, , doorPort, rivalPort] = await library.freePorts(5)
  const records = routedRecords({services, fleetPort, routerPort})
  const instances = records.filter(([key]) => key.includes('/rt/inst/')).map(([, record]) => record)
  const fleet = await startFleet(path.join(work, 'fleet'), fleetPort)
  try {
    const {p50, met} = await measureYard({
      library,
      work: path.join(work, 'yard'),
      records,
      instances,
      routerPort,
      doorPort,
    })
    const plan = {work: path.join(work, 'rival'), instances, port: rivalPort, yardP50: p50}
    await measureRival(plan).catch((error) => console.log(`  - ended: ${error.message}`))
    return met
  } finally {
    await fleet.stop()
  }
}

async function measureYard({library, work, records, instances, routerPort, doorPort}) {
  const catalog = await startCatalog(library, records)
  const sidecar = startSidecar({work, url: catalog.url, routerPort, doorPort})
  const asker = makeAsker(routerPort)
  const world = {catalog, sidecar, asker, records, instances}
  try {
    console.log(`\nFrom a change to traffic: ${services} services x 3 on etcd, yard sidecar run`)
    saySurroundings()
    say('the first start, to the first request', `${shown(await sidecar.answers(instances[0].service))} ms`)
    say('memory of the sidecar at first', `${shown(residentMegabytes(sidecar.pid))} MB`)
    const idle = await cpuPerSecond(sidecar, () => pause(idleMillis))
    say('the sidecar while nothing changes', `${shown(idle.millis)} ms CPU a second`)
    const busy = await cpuPerSecond(sidecar, () => addInstances(world))
    const added = busy.value
    say('an instance more, one at a time', spread(added))
    const each = ((busy.millis - idle.millis) * busy.seconds) / added.length
    say('… for which the sidecar computes', `${shown(each)} ms CPU`)
    const drained = await drainInstances(world)
    say('an instance drained', spread(drained))
    const bySpare = await addServices(world, rounds.spares, {healthPath: '/readyz', betweenMillis: 150})
    say('a new service', spread(bySpare))
    await pause(pauseOfReloads)
    const unusual = {healthPath: '/healthz', betweenMillis: pauseOfReloads}
    const byReload = await addServices(world, rounds.reloads, unusual)
    say('a new service with an own health path', spread(byReload))
    const met = [
      judge('T1 an instance more, p50', percentile(added, 0.5), 30, 'ms'),
      judge('T1 an instance more, p99', percentile(added, 0.99), 100, 'ms'),
      judge('T2 an instance drained, p99', percentile(drained, 0.99), 250, 'ms'),
      judge('T3 a new service, by a spare backend, the slowest', Math.max(...bySpare), 300, 'ms'),
      judge('T3 a new service, by a reload, the slowest', Math.max(...byReload), 500, 'ms'),
      ...(await burst(world)),
      judge('memory of the sidecar', residentMegabytes(sidecar.pid), 120, 'MB'),
    ]
    return {p50: percentile(added, 0.5), met: met.every(Boolean)}
  } finally {
    asker.close()
    await sidecar.stop()
    await catalog.stop()
  }
}

async function cpuPerSecond(sidecar, work) {
  const [begun, before] = [performance.now(), cpuMillisOf(sidecar.pid)]
  const value = await work()
  const seconds = (performance.now() - begun) / 1_000
  return {value, seconds, millis: (cpuMillisOf(sidecar.pid) - before) / seconds}
}

/** Changes come alone, as those of people and single deploys do: within 100 ms of another they would be put together. */
const betweenChanges = () => pause(120 + Math.random() * 80)

async function addInstances({catalog, asker, instances}) {
  const millis = []
  for (let round = 0; round < rounds.instances; round += 1) {
    const record = anotherInstance(instances[round * 3], 'web-50', nextAddress++)
    const endpoint = `${record.address}:${record.port}`
    const begun = performance.now()
    const written = catalog.put([[instanceKey(record), record]])
    millis.push(await asker.firstAnswer(record.service, begun, (answer) => answer.endpoint === endpoint))
    await written
    await betweenChanges()
  }
  return millis
}

async function drainInstances({catalog, asker, instances}) {
  const millis = []
  for (let round = 0; round < rounds.drains; round += 1) {
    const {address, port, service, ...rest} = instances[round * 3]
    const record = {...rest, address, port, service, state: 'draining'}
    const begun = performance.now()
    const written = catalog.put([[instanceKey(record), record]])
    millis.push(await asker.lastAnswer(service, begun, `${address}:${port}`))
    await written
  }
  return millis
}

/** Each has three instances and appears in one transaction, as a deploy lets it. */
async function addServices({catalog, asker, records}, count, {healthPath, betweenMillis}) {
  const millis = []
  for (let round = 0; round < count; round += 1) {
    const name = `fresh${healthPath.replaceAll('/', '-')}-${round}`
    const added = addedService(records, {name, healthPath, firstIndex: nextAddress})
    nextAddress += 4
    const begun = performance.now()
    const written = catalog.put(added)
    millis.push(await asker.firstAnswer(name, begun, (answer) => answer.status === 200))
    await written
    await pause(betweenMillis)
  }
  return millis
}

/** A thousand weights within a second, as a large deploy writes them. */
async function burst({catalog, sidecar, instances}) {
  const before = await sidecar.metrics()
  const begun = performance.now()
  const writes = []
  for (let first = 0; first < 1_000; first += 10) {
    const some = instances.slice(1_000 + first, 1_010 + first).map((record) => ({...record, weight: 50}))
    writes.push(catalog.put(some.map((record) => [instanceKey(record), record])))
    await pause(Math.max(0, begun + first + 10 - performance.now()))
  }
  const {revision} = (await Promise.all(writes)).reduce((left, right) =>
    left.revision > right.revision ? left : right,
  )
  const written = performance.now()
  await until(
    'the burst to be live',
    async () => (await sidecar.metrics()).get('applied_revision') >= revision,
  )
  const converged = performance.now() - written
  const after = await sidecar.metrics()
  const grown = (outcome) => {
    const name = `reloads_total{outcome="${outcome}"}`
    return after.get(name) - before.get(name)
  }
  say(
    '1,000 instance changes',
    `written in ${shown(written - begun)} ms`,
    `${grown('avoided')} changes of HAProxy`,
  )
  return [
    judge('T10 reloads of 1,000 instance changes', grown('done'), 0, 'reloads'),
    judge('T10 converged after the last of them', converged, 2_000, 'ms'),
  ]
}

async function measureRival({work, instances, port, yardP50}) {
  const rival = await startConsulTemplate({directory: work, port, instances})
  console.log('\nThe same by consul-template, in front of a stand-in of Consul that answers at once')
  if (rival.missing !== undefined) return console.log(`  - skipped: ${rival.missing}`)
  const asker = makeAsker(port)
  try {
    const services = [...rival.endpoints.keys()]
    await until(
      () => `consul-template to route: ${rival.output()}`,
      async () => (await asker.ask(services[0])).status === 200,
      {withinMillis: 60_000},
    )
    const millis = []
    for (let round = 0; round < rounds.rival; round += 1) {
      const service = services[round]
      const added = {address: addressOf(nextAddress++), port: instances[0].port}
      const begun = performance.now()
      rival.set(service, [...rival.endpoints.get(service), added])
      const endpoint = `${added.address}:${added.port}`
      millis.push(await asker.firstAnswer(service, begun, (answer) => answer.endpoint === endpoint))
      await betweenChanges()
    }
    say('an instance more, one at a time', spread(millis))
    say('its p50 beside yard', `${shown(percentile(millis, 0.5) / yardP50)} times`)
  } finally {
    asker.close()
    await rival.stop()
  }
}
