// Twenty deploys and twenty rollbacks on three hosts under traffic: how many requests, slow ones and WebSockets were lost.
import {startTraffic} from './fleet/traffic.mjs'
import {startPracticeFleet} from './fleet/yard.mjs'
import {judge, percentile, say, saySurroundings, shown} from './routing/figures.mjs'

const hosts = 3
const rounds = 20
const perSecond = 300

export async function bench() {
  console.log(
    `\n${rounds} deploys and ${rounds} rollbacks on ${hosts} hosts under ${perSecond} requests a second`,
  )
  const fleet = await startPracticeFleet(hosts)
  if (fleet.missing !== undefined) {
    console.log(`  - skipped: ${fleet.missing}`)
    return true
  }
  try {
    saySurroundings()
    const traffic = startTraffic({addresses: fleet.addresses, service: 'patient', perSecond})
    const taken = {deploy: [], rollback: []}
    for (let round = 1; round <= rounds; round += 1) {
      taken.deploy.push(await secondsOf(() => fleet.deploy(`change ${round}`)))
      taken.rollback.push(await secondsOf(() => fleet.rollback()))
    }
    return report(taken, await traffic.stop())
  } finally {
    await fleet.stop()
  }
}

async function secondsOf(task) {
  const begun = performance.now()
  await task()
  return (performance.now() - begun) / 1000
}

function report(taken, {seconds, quick, slow, sockets, releases}) {
  for (const [kind, values] of Object.entries(taken)) {
    const [half, most] = [0.5, 1].map((share) => shown(percentile(values, share)))
    say(`${values.length} times ${kind}`, `p50 ${half} s  max ${most} s`)
  }
  say('requests a second, kept and new connections', shown(quick.answered / seconds))
  say('releases that answered', String(releases.length))
  const lost = (what, {answered, failed, firstFailure}) =>
    judge(
      `lost of ${answered} ${what}${firstFailure === undefined ? '' : ` (the first: ${firstFailure})`}`,
      failed,
      0,
      'lost',
    )
  return [
    lost('quick requests', quick),
    lost('requests of five seconds', slow),
    lost('WebSockets of three seconds', sockets),
  ].every(Boolean)
}
