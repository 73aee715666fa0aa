import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, expect, test} from '@jest/globals'

import {checkSqliteStore, openSqliteStore} from '../../src/adapters/store-sqlite/index.js'
import {catalogWorkers, type Worker} from '../support/run-together.js'

const rounds = 20
const writersOfRound = 10
const patienceMillis = 120_000

let directory: string
let file: string

const start = catalogWorkers()

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'yard-kill-'))
  file = path.join(directory, 'catalog.db')
})

afterEach(() => rmSync(directory, {recursive: true, force: true}))

test(
  'after each of 200 kills during writes, what was acknowledged is there and the file is sound',
  async () => {
    for (let round = 0; round < rounds; round++) {
      const writers = Array.from({length: writersOfRound}, (_, index) =>
        start(['write', `sqlite:${file}`, '1', `${round}-${index}`]),
      )
      await killInTurn(writers)
      const outputs = await Promise.all(writers.map(async ({ended}) => (await ended).output))

      expect((await checkSqliteStore(file)).problems).toEqual([])
      const store = await openSqliteStore({file})
      for (const [index, output] of outputs.entries()) {
        const acknowledged = lastWhole(output)
        const last = await store.get(`/last/${round}-${index}`)
        const written = Number(last?.value ?? 0)
        // The last write may have been killed between its commit and its word.
        expect([acknowledged, acknowledged + 1]).toContain(written)
        const same = await store.get(`/each/${round}-${index}/${written % 50}`)
        expect(same?.modRevision).toBe(last?.modRevision)
      }
      await store.close()
    }
  },
  patienceMillis,
)

/** Each at another moment of its life: while it starts, opens the file, writes, or waits for its turn to write. */
async function killInTurn(writers: readonly Worker[]): Promise<void> {
  for (const [index, writer] of writers.entries()) {
    const wanted = index === 0 ? 0 : 1 + Math.floor(Math.random() * 10)
    const deadline = Date.now() + patienceMillis
    while (lastWhole(writer.output()) < wanted) {
      if (Date.now() > deadline) throw new Error('a writer wrote nothing')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    writer.child.kill('SIGKILL')
  }
}

function lastWhole(output: string): number {
  return Number(output.split('\n').at(-2) ?? 0)
}
