// The catalog as a sidecar follows it, in a process of its own: `node follow-child.mjs LIBRARY URL STATEFILE`. Prints JSON.
import {existsSync} from 'node:fs'
import {setTimeout as pause} from 'node:timers/promises'

import {openStoreAt} from '../catalog/library.mjs'
import {environment} from './platform.mjs'

const [libraryFile, url, stateFile] = process.argv.slice(2)
const library = await import(libraryFile)
const store = await openStoreAt(library, url)
const needs = {
  catalog: new library.Catalog(store),
  clock: new library.SystemClock(),
  files: new library.LocalFiles(),
}
const followed = new library.CatalogFollower(needs, {environment, stateFile})
const [begun, used] = [performance.now(), process.cpuUsage()]
await followed.start(new AbortController().signal)
// A state from the disk comes first; the list of everything is over when the catalog was heard.
while (Date.parse(followed.state().seenAt) < performance.timeOrigin + begun)
  await followed.changedSince(followed.state(), AbortSignal.timeout(60_000))
const millis = performance.now() - begun
const {user, system} = process.cpuUsage(used)
// The next one starts from there.
while (!existsSync(stateFile)) await pause(50)
const {facts, records, bad} = followed.state()
const megabytes = process.memoryUsage().rss / 2 ** 20
console.log(
  JSON.stringify({
    millis,
    cpuMillis: (user + system) / 1_000,
    megabytes,
    records,
    services: facts.services.length,
    releases: facts.releases.size,
    bad: bad.length,
  }),
)
process.exit()
