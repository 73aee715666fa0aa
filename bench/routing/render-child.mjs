// Rendering in a process of its own, so that nothing is warm: `node render-child.mjs LIBRARY SERVICES`, which prints JSON.
import {adminSocketIn} from './haproxy.mjs'
import {factsOf, routedRecords} from './platform.mjs'

const [libraryFile, services, directory] = process.argv.slice(2)
const library = await import(libraryFile)
const records = routedRecords({services: Number(services), fleetPort: 19_000, routerPort: 19_001})
const facts = factsOf(records)
const settings = library.renderSettings({adminSocket: adminSocketIn(directory)})

const read = timed(() => library.routingModel(facts))
const usable = timed(() => library.usableModel(read.value))
const rendered = timed(() => library.renderHaproxy(usable.value.model, settings))
const proof = timed(() => library.unfaithfulness(rendered.value, usable.value.model, settings))
if (proof.value !== undefined) throw new Error(proof.value)

const again = []
for (let round = 0; round < 20; round += 1) again.push(afterOneChange(round))
console.log(
  JSON.stringify({
    modelMillis: read.millis,
    usableMillis: usable.millis,
    renderMillis: rendered.millis,
    proofMillis: proof.millis,
    againMillis: Math.min(...again),
    bytes: rendered.value.files.reduce((sum, {text}) => sum + text.length, 0),
  }),
)

/** CPU of rendering and proving again when one instance of one service became another's. */
function afterOneChange(round) {
  const changed = structuredClone(usable.value.model.services[round * 7])
  changed.servers[0].weight = 40 + round
  const list = usable.value.model.services.map((service) =>
    service.name === changed.name ? changed : service,
  )
  const model = {...usable.value.model, services: list}
  return timed(() => {
    const text = library.renderHaproxy(model, settings)
    const why = library.unfaithfulness(text, model, settings)
    if (why !== undefined) throw new Error(why)
  }).millis
}

function timed(work) {
  const before = process.cpuUsage()
  const value = work()
  const {user, system} = process.cpuUsage(before)
  return {value, millis: (user + system) / 1_000}
}
