// Requests that are lost while HAProxy is changed: 200 reloads and 4,000 changes at run time under load.
import {mkdtempSync, rmSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {judge, percentile, say, saySurroundings, shown} from './routing/figures.mjs'
import {addressOf, startFleet} from './routing/fleet.mjs'
import {adminSocketIn, haproxyMissing, startHaproxy} from './routing/haproxy.mjs'
import {makeRoutingLibrary, routerParts} from './routing/library.mjs'
import {loadLine, startLoad} from './routing/load.mjs'
import {startRouter} from './routing/router.mjs'

const services = 100
const reloads = 200
const runtimeChanges = 4_000
/** So many of them before the next reload. */
const changesAtOnce = runtimeChanges / reloads

export async function bench() {
  const missing = haproxyMissing()
  if (missing !== undefined) {
    console.log(`\nReloads under load\n  - skipped: ${missing}`)
    return true
  }
  const made = await makeRoutingLibrary(routerParts)
  const work = mkdtempSync(path.join(os.tmpdir(), 'yard-bench-'))
  try {
    const library = await import(made.file)
    const [fleetPort, routerPort, rivalPort] = await library.freePorts(3)
    const fleet = await startFleet(path.join(work, 'fleet'), fleetPort)
    try {
      const isMet = await underLoad({library, work, fleetPort, routerPort})
      await withoutTheRecipe({library, work: path.join(work, 'rival'), fleetPort, routerPort: rivalPort})
      return isMet
    } finally {
      await fleet.stop()
    }
  } finally {
    made.remove()
    rmSync(work, {recursive: true, force: true})
  }
}

/** Round by round: another frame, so that a reload is needed, and what the socket can do on its own. */
async function underLoad({library, work, fleetPort, routerPort}) {
  console.log(
    `\n${reloads} reloads and ${runtimeChanges} changes at run time, ${services} services x 3, by yard's router`,
  )
  saySurroundings()
  const router = await startRouter(library, work)
  let model = modelOf(fleetPort, routerPort)
  await router.start(model)
  const load = startLoad(
    routerPort,
    model.services.map(({name}) => name),
  )
  const counts = {reload: 0, runtime: 0, unchanged: 0}
  const millis = {reload: [], runtime: []}
  let changed = 0
  const apply = async (next, changes) => {
    model = next
    const begun = performance.now()
    const {how} = await router.apply(model)
    counts[how] += 1
    millis[how]?.push(performance.now() - begun)
    if (how === 'runtime') changed += changes
  }
  try {
    for (let round = 0; round < reloads; round += 1) {
      for (let step = 0; step < 2; step += 1)
        await apply(withRuntimeChanges(model, round * 2 + step), changesAtOnce / 2)
      await apply(withAnotherFrame(model, round), 0)
    }
  } finally {
    const {text, failed} = loadLine(await load.stop())
    await router.stop()
    say('how it was applied', JSON.stringify(counts), `${changed} changes of servers at run time`)
    say('an apply by a reload', `p50 ${shown(percentile(millis.reload, 0.5))} ms`)
    say('an apply at run time', `p50 ${shown(percentile(millis.runtime, 0.5))} ms`)
    say('requests', text)
    counts.failed = failed
  }
  return [
    judge('T4, T5 requests that failed', counts.failed, 0, 'requests'),
    judge('reloads that were not needed', counts.reload - reloads, 0, 'reloads'),
  ].every(Boolean)
}

/** The same text without `idle-close-on-response`, reloaded by a signal as most do. */
async function withoutTheRecipe({library, work, fleetPort, routerPort}) {
  const model = modelOf(fleetPort, routerPort)
  const settings = library.renderSettings({adminSocket: adminSocketIn(work)})
  for (const [name, tidy] of [
    ['with the recipe', (text) => text],
    ['without it', (text) => text.replace(/^ *option idle-close-on-response\n/m, '')],
  ]) {
    const files = library
      .renderHaproxy(model, settings)
      .files.map((file) => ({...file, text: file.name === 'haproxy.cfg' ? tidy(file.text) : file.text}))
    const haproxy = await startHaproxy(work, files)
    const load = startLoad(
      routerPort,
      model.services.map((service) => service.name),
    )
    try {
      for (let round = 0; round < reloads; round += 1) await haproxy.reload()
    } finally {
      const {text, failed} = loadLine(await load.stop())
      await haproxy.stop()
      if (name === 'with the recipe') console.log(`\n${reloads} plain reloads of the same text by a signal`)
      say(name, text)
      say('', `${shown(failed / reloads)} failed for each reload`)
    }
  }
}

function modelOf(fleetPort, port) {
  return {
    listen: {address: '127.0.0.1', port},
    header: 'Yard-Service',
    checkMillis: 2_000,
    services: Array.from({length: services}, (_, index) => ({
      name: `service-${String(index).padStart(3, '0')}`,
      healthPath: '/readyz',
      servers: [0, 1, 2].map((copy) => ({
        address: addressOf(index * 3 + copy),
        port: fleetPort,
        state: 'up',
      })),
    })),
  }
}

/** One server of ten services: another weight, drained, back again. */
function withRuntimeChanges(model, step) {
  const list = model.services.map((service, index) => {
    if (index % 10 !== step % 10) return service
    const [first, ...others] = service.servers
    const changed = [
      {state: 'draining'},
      {state: 'up', weight: 50 + (step % 100)},
      {state: 'up', weight: 100},
    ]
    const {address, port} = first
    return {...service, servers: [{address, port, ...changed[Math.floor(step / 10) % 3]}, ...others]}
  })
  return {...model, services: list}
}

/** The last service waits longer for answers in every second round: nothing that the socket could change. */
function withAnotherFrame(model, round) {
  const {settings: _, ...last} = model.services.at(-1)
  const changed = round % 2 === 0 ? {...last, settings: {responseMillis: 30_000 + round}} : last
  return {...model, services: [...model.services.slice(0, -1), changed]}
}
