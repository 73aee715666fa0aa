import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, test} from '@jest/globals'
import fc from 'fast-check'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {openSqliteStore} from '../../../src/adapters/store-sqlite/index.js'
import {AwayStore} from '../../fakes/away-store.js'
import {ManualClock} from '../../fakes/clock.js'
import {MemoryFiles} from '../../fakes/files.js'
import {history, playHistory} from '../../support/routed-histories.js'

const cleanUp: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each()
})

test('H10 after any history of changes, cuts, compactions, outages and restarts a sidecar follows what a fresh list says', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (happenings) => {
      const memory = new MemoryStore()
      const clock = new ManualClock()
      const stage = {
        ...{store: new AwayStore(memory), clock, files: new MemoryFiles()},
        pass: (millis: number) => clock.advance(millis),
        compact: async () => memory.compact(),
      }
      await playHistory(stage, happenings).finally(() => memory.close())
    }),
    {numRuns: Number(process.env['YARD_HISTORIES'] ?? 300)},
  )
}, 600_000)

test('H10 the same holds on SQLite', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'yard-histories-'))
  cleanUp.push(() => rm(directory, {recursive: true, force: true}))
  let count = 0
  await fc.assert(
    fc.asyncProperty(history, async (happenings) => {
      const sqlite = await openSqliteStore({file: path.join(directory, `${(count += 1)}.db`)})
      const clock = new ManualClock()
      const stage = {
        ...{store: new AwayStore(sqlite), clock, files: new MemoryFiles()},
        pass: (millis: number) => clock.advance(millis),
        compact: async () => undefined,
      }
      await playHistory(stage, happenings).finally(() => sqlite.close())
    }),
    {numRuns: 50},
  )
}, 600_000)
