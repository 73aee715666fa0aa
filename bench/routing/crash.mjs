// T13: a machine that is gone from one moment to the next. How long do requests still go there?
import path from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'

import {startCatalog} from './catalog.mjs'
import {judge, say, shown} from './figures.mjs'
import {startFleet} from './fleet.mjs'
import {makeAsker} from './asker.mjs'
import {routedRecords} from './platform.mjs'
import {startSidecar} from './sidecar.mjs'

const services = 50
const hosts = 5
/** An answer that takes longer is one from nowhere. */
const patienceMillis = 800
const callsPerSecond = 200
const quietMillis = 6_000

/**
 * A third of all instances are another machine's. It freezes: its connections stay and nothing answers, which is worse
 * than a machine that refuses them; or its programs are killed, which refuses them.
 */
export async function measureCrash({library, work, fleetPort, routerPort, doorPort}) {
  console.log(`\nA machine with a third of all instances is gone: ${services} services x 3, ${hosts} hosts`)
  const met = []
  for (const how of ['frozen', 'killed']) {
    const directory = path.join(work, `crash-${how}`)
    const [otherPort] = await library.freePorts(1)
    const other = await startFleet(path.join(directory, 'fleet'), otherPort)
    const records = withOtherMachine(routedRecords({services, hosts, fleetPort, routerPort}), otherPort)
    const catalog = await startCatalog(library, records)
    const sidecar = startSidecar({work: directory, url: catalog.url, routerPort, doorPort})
    try {
      const names = records.filter(([key]) => key.includes('/rt/bind/')).map(([, {service}]) => service)
      await sidecar.answers(names[0])
      const {lastMillis, failed, sent} = await crash(routerPort, names, async () =>
        how === 'frozen' ? other.freeze() : other.stop(),
      )
      say(
        how,
        `${failed} of ${sent} requests had no good answer within ${patienceMillis} ms, the last sent after ${shown(lastMillis)} ms`,
      )
      met.push(judge(`T13 ${how}, until no request goes there`, lastMillis, 5_000, 'ms'))
    } finally {
      await sidecar.stop()
      await catalog.stop()
      if (how === 'frozen') other.thaw()
      await other.stop()
    }
  }
  return met.every(Boolean)
}

function withOtherMachine(records, port) {
  let index = 0
  return records.map(([key, record]) =>
    key.includes('/rt/inst/') && index++ % 3 === 0 ? [key, {...record, port}] : [key, record],
  )
}

/** Calls at a steady pace, from before the crash until all has been well for a while. */
async function crash(routerPort, names, happen) {
  const asker = makeAsker(routerPort, {maxSockets: 1_000, timeoutMillis: patienceMillis})
  let [sent, failed, crashedAt, lastMillis] = [0, 0, Infinity, 0]
  const call = async () => {
    const at = performance.now()
    sent += 1
    const {status} = await asker.ask(names[sent % names.length])
    if (status === 200 || at < crashedAt) return
    failed += 1
    lastMillis = Math.max(lastMillis, at - crashedAt)
  }
  const timer = setInterval(() => void call(), 1_000 / callsPerSecond)
  try {
    await pause(2_000)
    crashedAt = performance.now()
    await happen()
    while (performance.now() < crashedAt + lastMillis + quietMillis) await pause(50)
    return {lastMillis, failed, sent}
  } finally {
    clearInterval(timer)
    asker.close()
  }
}
