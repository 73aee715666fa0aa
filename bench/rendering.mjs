// The text of HAProxy for a thousand and ten thousand services: how long it takes to make, to check, and to route by.
import {mkdtempSync, rmSync} from 'node:fs'
import {spawnSync} from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import {fileURLToPath} from 'node:url'

import {compare} from './measure.mjs'
import {judge, say, shown} from './routing/figures.mjs'
import {startFleet} from './routing/fleet.mjs'
import {adminSocketIn, haproxyMissing, startHaproxy, writeFiles} from './routing/haproxy.mjs'
import {makeRoutingLibrary} from './routing/library.mjs'
import {factsOf, routedRecords} from './routing/platform.mjs'
import {backendsOf, oneAclPerService, oneMapOnly, withoutChecks} from './routing/rival-configs.mjs'
import {runWrk, wrkMissing} from './routing/wrk.mjs'

const child = fileURLToPath(new URL('routing/render-child.mjs', import.meta.url))
const wrkSeconds = 2
const wrkRounds = 3

export async function bench() {
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  const made = await makeRoutingLibrary()
  try {
    const library = await import(made.file)
    const met = [measureRendering(made.file, work)]
    const missing = haproxyMissing() ?? wrkMissing()
    if (missing !== undefined) console.log(`\nRequests and checks\n  - skipped: ${missing}`)
    else {
      const [fleetPort, routerPort] = await library.freePorts(2)
      const plan = {library, work, fleetPort, routerPort}
      met.push(measureChecks(plan))
      met.push(await measureRequests(plan))
    }
    return met.every(Boolean)
  } finally {
    made.remove()
    rmSync(work, {recursive: true, force: true})
  }
}

function measureRendering(library, work) {
  console.log('\nRendering, each in a process of its own, the smallest of five')
  const [small, large] = [1_000, 10_000].map((services) => {
    const runs = [1, 2, 3, 4, 5].map(() => renderOnce(library, services, work))
    const best = Object.fromEntries(
      Object.keys(runs[0]).map((name) => [name, Math.min(...runs.map((run) => run[name]))]),
    )
    say(
      `${services} services x 3`,
      `facts to model ${shown(best.modelMillis)}`,
      `usable ${shown(best.usableMillis)}`,
      `render and maps ${shown(best.renderMillis)}`,
      `proof ${shown(best.proofMillis)}`,
      `again after one change ${shown(best.againMillis)} ms CPU`,
      `(${shown(best.bytes / 1e6)} MB)`,
    )
    return best
  })
  return [
    judge('render and maps of 10,000 services', large.renderMillis, 400, 'ms CPU'),
    judge('… beside 1,000, that is ten times as many', large.renderMillis / small.renderMillis, 13, 'times'),
    judge('render and proof again after one change, 1,000 services', small.againMillis, 8, 'ms CPU'),
  ].every(Boolean)
}

function renderOnce(library, services, work) {
  const ended = spawnSync(process.execPath, [child, library, String(services), work], {encoding: 'utf8'})
  if (ended.status !== 0) throw new Error(`rendering ${services} services: ${ended.stderr}`)
  return JSON.parse(ended.stdout)
}

/** Yard's files for so many services, and the rivals' around the same backends. */
function layouts({library, work, fleetPort, routerPort}, services, tidy = (text) => text) {
  const facts = factsOf(routedRecords({services, fleetPort, routerPort}))
  const directory = (name) => path.join(work, `${name.replaceAll(' ', '-')}-${services}`)
  const rendered = (name) => {
    const settings = library.renderSettings({adminSocket: adminSocketIn(directory(name)), threads: 1})
    return library.renderHaproxy(library.routingModel(facts), settings).files
  }
  const names = facts.services.map(({name}) => name).sort()
  const mine = rendered('map').map(({name, text}) => ({
    name,
    text: name === 'haproxy.cfg' ? tidy(text) : text,
  }))
  const backends = backendsOf(mine[0].text)
  const rival = (name, make) => {
    const given = {directory: directory(name), port: routerPort, threads: 1, services: names, backends}
    const text = make(given)
    return {name, directory: directory(name), files: [{name: 'haproxy.cfg', text}, ...mine.slice(1)]}
  }
  return {
    names,
    all: [
      {name: 'yard', directory: directory('map'), files: mine},
      rival('a map and nothing else', oneMapOnly),
      rival('inline ACLs', (given) => oneAclPerService('inline', given)),
      rival('named ACLs', (given) => oneAclPerService('named', given)),
    ],
  }
}

function measureChecks(plan) {
  let isMet = true
  for (const services of [1_000, 10_000]) {
    const {all} = layouts(plan, services)
    for (const {directory, files} of all) writeFiles(directory, files)
    // Ten thousand named ACLs take a second each time.
    const best = compare(
      all.map(({name, directory}) => ({
        name,
        command: () => ({file: 'haproxy', args: ['-c', '-q', '-f', 'haproxy.cfg'], cwd: directory}),
      })),
      services === 1_000 ? 7 : 3,
    )
    console.log(`\nhaproxy -c, ${services} services x 3`)
    for (const [name, millis] of best)
      say(name, `${shown(millis)} ms CPU`, `${shown(millis / best.get('yard'))}x of yard`)
    if (services === 10_000)
      isMet = judge('yard beside named ACLs', best.get('yard') / best.get('named ACLs'), 1, 'times')
  }
  return isMet
}

async function measureRequests(plan) {
  const fleet = await startFleet(path.join(plan.work, 'fleet'), plan.fleetPort)
  try {
    const small = await requestsThrough(plan, 100)
    const large = await requestsThrough(plan, 10_000)
    const yard = large.get('yard')
    const flat = yard.last.micros / small.get('yard').last.micros
    const within =
      Math.max(yard.first.micros, yard.last.micros) / Math.min(yard.first.micros, yard.last.micros)
    const named = large.get('named ACLs').last
    console.log('\nRequests')
    return [
      judge('T7 CPU per request, last of 10,000 services beside last of 100', flat, 1.3, 'times'),
      judge('H2 first and last service of 10,000', within, 1.3, 'times'),
      judge('H2 unknown service beside the last', yard.unknown.micros / yard.last.micros, 1.3, 'times'),
      judge('requests per second, named ACLs beside yard', named.perSecond / yard.last.perSecond, 1, 'times'),
    ].every(Boolean)
  } finally {
    await fleet.stop()
  }
}

/** By layout: what wrk and the CPU clock of the HAProxy say of the first, the last and an unknown service. */
async function requestsThrough(plan, services) {
  const {all, names} = layouts(plan, services, withoutChecks)
  const asked = {first: names[0], last: names.at(-1), unknown: 'nobody'}
  console.log(`\nRequests through ${services} services, keep-alive, 1 HAProxy thread, no checks`)
  const results = new Map()
  for (const {name, directory, files} of all) {
    const haproxy = await startHaproxy(directory, files)
    try {
      const result = {}
      for (const [which, service] of Object.entries(asked)) {
        if (which === 'unknown' && name !== 'yard') continue
        result[which] = await bestOf(haproxy, plan.routerPort, service)
      }
      results.set(name, result)
      for (const [which, {perSecond, p99Millis, micros}] of Object.entries(result))
        say(
          `${name}, ${which}`,
          `${shown(Math.round(perSecond))}/s`,
          `p99 ${shown(p99Millis)} ms`,
          `${shown(micros)} us CPU`,
        )
    } finally {
      await haproxy.stop()
    }
  }
  return results
}

async function bestOf(haproxy, port, service) {
  const best = {perSecond: 0, p99Millis: Infinity, micros: Infinity}
  for (let round = 0; round < wrkRounds; round += 1) {
    const before = await haproxy.cpuMillis()
    const headers = {'Yard-Service': service}
    const run = await runWrk({url: `http://127.0.0.1:${port}/`, headers, seconds: wrkSeconds})
    const micros = ((await haproxy.cpuMillis()) - before) * (1_000 / run.requests)
    best.perSecond = Math.max(best.perSecond, run.perSecond)
    best.p99Millis = Math.min(best.p99Millis, run.p99Millis)
    best.micros = Math.min(best.micros, micros)
  }
  return best
}
