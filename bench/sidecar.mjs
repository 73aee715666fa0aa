// What a sidecar costs the machine and the catalog, and how soon it is at work: T6, T8, T9 and T11 to T14 of the design.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'

import {startCatalog} from './routing/catalog.mjs'
import {judge, percentile, say, saySurroundings, shown, spread} from './routing/figures.mjs'
import {startFleet} from './routing/fleet.mjs'
import {cpuMillisOf, haproxyMissing, proportionalMegabytes, residentMegabytes} from './routing/haproxy.mjs'
import {followerParts, makeRoutingLibrary} from './routing/library.mjs'
import {measureChecks} from './routing/check-load.mjs'
import {measureCrash} from './routing/crash.mjs'
import {addedService, routedRecords} from './routing/platform.mjs'
import {mayHaveManyFiles, startSidecar} from './routing/sidecar.mjs'
import {until} from './routing/wait.mjs'

const child = (name) => fileURLToPath(new URL(`routing/${name}-child.mjs`, import.meta.url))
const idleSeconds = 60
const watchers = 500

export async function bench() {
  const made = await makeRoutingLibrary(followerParts)
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  try {
    const library = await import(made.file)
    const missing = haproxyMissing() ?? library.etcdMissing()
    if (missing !== undefined) {
      console.log(`\nThe sidecar\n  - skipped: ${missing}`)
      return true
    }
    const [fleetPort, routerPort, , doorPort] = await library.freePorts(4)
    const fleet = await startFleet(path.join(work, 'fleet'), fleetPort)
    const plan = {library, libraryFile: made.file, work, fleetPort, routerPort, doorPort, fleet}
    try {
      return [
        await measureThousand(plan),
        await measureTenThousand(plan),
        await measureResync(plan),
        await measureCrash(plan),
        await measureChecks(plan),
      ].every(Boolean)
    } finally {
      await fleet.stop()
    }
  } finally {
    made.remove()
    rmSync(work, {recursive: true, force: true})
  }
}

/** A thousand services: an idle sidecar, a reload, and many that watch. */
async function measureThousand({library, libraryFile, work, fleetPort, routerPort, doorPort}) {
  console.log('\nA sidecar with 1,000 services x 3')
  saySurroundings()
  const records = routedRecords({services: 1_000, fleetPort, routerPort})
  const catalog = await startCatalog(library, records)
  const sidecar = startSidecar({work: path.join(work, 'thousand'), url: catalog.url, routerPort, doorPort})
  try {
    const service = nameOfFirst(records)
    await sidecar.answers(service)
    const met = [...(await measureReload(catalog, sidecar, records))]
    met.push(judge('memory of the sidecar', residentMegabytes(sidecar.pid), 120, 'MB'))
    const {millis} = inChild('watch', [libraryFile, catalog.url, String(watchers)])
    say(`a put to the last of ${watchers} that watch`, spread(millis))
    met.push(
      judge(`T12 a put to the last of ${watchers} that watch, p99`, percentile(millis, 0.99), 1_000, 'ms'),
    )
    met.push(await measureIdle(catalog))
    return met.every(Boolean)
  } finally {
    await sidecar.stop()
    await catalog.stop()
  }
}

/** One that yard does, beside those that a signal does to the very same HAProxy and files. */
async function measureReload(catalog, sidecar, records) {
  const reloaded = async () => {
    const before = (await sidecar.workers())[0]?.pid
    const begun = performance.now()
    await sidecar.reloadHaproxy()
    await until('a new worker', async () => ![undefined, before].includes((await sidecar.workers())[0]?.pid))
    return performance.now() - begun
  }
  const plain = []
  for (let round = 0; round < 5; round += 1) plain.push(await reloaded())
  const before = await sidecar.metrics()
  const done = 'reloads_total{outcome="done"}'
  await catalog.put(
    addedService(records, {name: 'fresh-unusual', healthPath: '/healthz', firstIndex: 60_000}),
  )
  await until('the reload', async () => (await sidecar.metrics()).get(done) > before.get(done))
  const millis = (await sidecar.metrics()).get('last_change_seconds{how="reload"}') * 1_000
  const workers = await sidecar.workers()
  say('a reload of HAProxy alone', spread(plain))
  say('a reload by the sidecar, checked and read back', `${shown(millis)} ms`)
  const all = workers.reduce((sum, {pid}) => sum + (proportionalMegabytes(pid) || 0), 0)
  const one = proportionalMegabytes(workers[0].pid)
  return [
    judge('T6 the sidecar beside the slowest plain reload', millis / Math.max(...plain), 1.5, 'times'),
    judge('T6 workers after seven reloads', workers.length, 4, 'workers'),
    judge('T6 memory of all beside one worker', all / one, 5, 'times'),
  ]
}

/** What etcd counts while nothing changes. Its own figures are of the calls that its gateway passes on. */
async function measureIdle(catalog) {
  // What the bench itself keeps open would count, too.
  await catalog.store.close()
  const before = await callsOf(catalog.endpoint)
  await pause(idleSeconds * 1_000)
  const after = await callsOf(catalog.endpoint)
  const grown = [...after].map(([method, count]) => [method, count - (before.get(method) ?? 0)])
  const shownCalls = grown.filter(([, count]) => count > 0).map(([method, count]) => `${method} ${count}`)
  const calls = grown.reduce((sum, [, count]) => sum + count, 0)
  say(`calls of an idle sidecar in ${idleSeconds} s`, shownCalls.join('  '))
  return judge('T11 calls of an idle sidecar in 5 s', (calls / idleSeconds) * 5, 1, 'calls')
}

async function callsOf(endpoint) {
  const text = await (await fetch(`http://${endpoint}/metrics`)).text()
  const lines = text.matchAll(/^grpc_server_started_total\{grpc_method="(\w+)".*?\} (\S+)$/gm)
  return new Map([...lines].map(([, method, count]) => [method, Number(count)]))
}

/** Ten thousand services: a start without the catalog. */
async function measureTenThousand({library, work, fleetPort, routerPort, doorPort}) {
  const hasManyFiles = mayHaveManyFiles()
  const copies = hasManyFiles ? 3 : 1
  console.log(`\nA sidecar with 10,000 services x ${copies}`)
  if (!hasManyFiles) console.log('  - not x 3: this user may not have 40,000 files open, one for each server')
  const records = routedRecords({services: 10_000, copies, fleetPort, routerPort})
  const directory = path.join(work, 'large')
  const catalog = await startCatalog(library, records)
  const start = () => startSidecar({work: directory, url: catalog.url, routerPort, doorPort, hasManyFiles})
  let sidecar = start()
  try {
    const service = nameOfFirst(records)
    say('the first start, from etcd', `${shown(await sidecar.answers(service))} ms`)
    await until('the state on disk', async () => existsSync(sidecar.stateFile))
    say('memory of the sidecar', `${shown(residentMegabytes(sidecar.pid))} MB`)
    await sidecar.stop()
    await catalog.stop()
    sidecar = start()
    const cold = await sidecar.answers(service)
    say(
      'a start from the disk',
      `${shown(cpuMillisOf(sidecar.pid))} ms CPU of the sidecar until HAProxy serves`,
    )
    say('… and after a start from the disk', `${shown(residentMegabytes(sidecar.pid))} MB`)
    return judge('T8 a start from the disk, etcd away, to the first request', cold, 3_000, 'ms')
  } finally {
    await sidecar.stop()
    await catalog.stop()
  }
}

/** 40,000 keys of routing and 10,000 services, read and checked again, as after an outage. */
async function measureResync({library, libraryFile, work, fleetPort, routerPort}) {
  console.log('\nAll of 10,000 services x 3 read again')
  const catalog = await startCatalog(library, routedRecords({services: 10_000, fleetPort, routerPort}))
  try {
    const read = () =>
      inChild('follow', [libraryFile, catalog.url, path.join(work, 'resync', 'followed.json')])
    say('the first time', `${shown(read().millis)} ms`)
    const [best] = [1, 2, 3].map(read).sort((left, right) => left.millis - right.millis)
    say('again', `${best.records} records of routing besides services`, `${shown(best.cpuMillis)} ms CPU`)
    return [
      judge('T9 all of it read again', best.millis, 2_000, 'ms'),
      judge('T9 memory of whoever reads it', best.megabytes, 250, 'MB'),
    ].every(Boolean)
  } finally {
    await catalog.stop()
  }
}

function inChild(name, args) {
  const ended = spawnSync(process.execPath, [child(name), ...args], {encoding: 'utf8'})
  if (ended.status !== 0) throw new Error(`${name}: ${ended.stderr}`)
  return JSON.parse(ended.stdout)
}

const nameOfFirst = (records) => records.find(([key]) => key.includes('/rt/bind/'))[1].service
