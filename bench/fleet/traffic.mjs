// What a service has to do while it is deployed: quick requests on kept and on new connections, answers that take five
// seconds, and WebSockets that say something four times a second. Counts everything that isn't answered as it should be.
import {startLoad} from '../../scripts/demo/load.mjs'
import {startSockets} from './sockets.mjs'

/** Quick requests are shared by all addresses; each has one slow request and one WebSocket a second besides. */
export function startTraffic({addresses, service, perSecond}) {
  const headers = {'Yard-Service': service}
  const streams = addresses.map((address) => {
    const url = `http://${address}:7070`
    return {
      quick: startLoad({url: `${url}/`, headers, perSecond: perSecond / addresses.length}),
      slow: startLoad({url: `${url}/slow`, headers, perSecond: 1}),
      sockets: startSockets({url: `${url}/socket`, headers, perSecond: 1}),
    }
  })
  const begun = performance.now()
  return {
    /** Sends nothing more, and resolves once everything under way is answered. */
    async stop() {
      const seconds = (performance.now() - begun) / 1000
      const [quick, slow, sockets] = await Promise.all(
        ['quick', 'slow', 'sockets'].map(async (kind) =>
          added(await Promise.all(streams.map((stream) => stream[kind].stop()))),
        ),
      )
      const releases = new Set(streams.flatMap((stream) => [...stream.quick.counts.releases.keys()]))
      return {seconds, quick, slow, sockets, releases: [...releases]}
    },
  }
}

function added(counts) {
  const sum = {answered: 0, failed: 0}
  for (const {answered, failed, firstFailure} of counts) {
    sum.answered += answered
    sum.failed += failed
    if (firstFailure !== undefined) sum.firstFailure ??= firstFailure
  }
  return sum
}
