// Hundreds of sidecars that only watch, in a process of its own: `node watch-child.mjs LIBRARY URL COUNT`. Prints JSON.
import {setMaxListeners} from 'node:events'

import {openStoreAt} from '../catalog/library.mjs'
import {environment} from './platform.mjs'

const [libraryFile, url, count] = process.argv.slice(2)
const library = await import(libraryFile)
const rounds = 50
const [reader, writer] = [await openStoreAt(library, url), await openStoreAt(library, url)]
const prefix = library.keys.routed(environment)
const {revision} = await reader.range(prefix)
const ended = new AbortController()
setMaxListeners(0, ended.signal)
const last = []
let missing = 0
let allArrived = () => undefined
for (let index = 0; index < Number(count); index += 1) void follow()
for (let round = 0; round < 5 + rounds; round += 1) {
  missing = Number(count)
  const done = new Promise((resolve) => (allArrived = resolve))
  const sentAt = performance.now()
  await writer.transact([], [{put: `${prefix}bind/bench`, value: `{"v":${round}}`}])
  await done
  last.push(performance.now() - sentAt)
}
ended.abort()
console.log(JSON.stringify({millis: last.slice(5)}))
process.exit()

async function follow() {
  for await (const batch of reader.watch(prefix, revision, ended.signal)) {
    if (batch.kind !== 'changes') throw new Error('the history is gone')
    missing -= 1
    if (missing === 0) allArrived()
  }
}
