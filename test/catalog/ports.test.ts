import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../src/adapters/store-memory/index.js'
import {Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {portRelease, type PortRequest, reservePort} from '../../src/catalog/ports.js'

let catalog: Catalog

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
})

function reserve(changes: Partial<PortRequest> = {}): Promise<number> {
  return reservePort(catalog, {
    environment: 'local',
    host: 'localhost',
    owner: 'hello-r1@localhost',
    isFree: async () => true,
    ...changes,
  })
}

test('fifty reservations at once give fifty ports', async () => {
  const ports = await Promise.all(Array.from({length: 50}, () => reserve()))

  expect(new Set(ports).size).toBe(50)
  for (const port of ports) expect(port >= 21_000 && port <= 28_999).toBe(true)
})

test('even a range of exactly fifty is given out whole', async () => {
  const range = {first: 30_000, last: 30_049}
  const ports = await Promise.all(Array.from({length: 50}, () => reserve({range})))

  expect(new Set(ports).size).toBe(50)
  await expect(reserve({range})).rejects.toMatchObject({code: 'E_CONFLICT'})
})

test('a port that something listens on is left out', async () => {
  const range = {first: 30_000, last: 30_009}
  const isFree = async (port: number) => port === 30_007

  expect(await reserve({range, isFree})).toBe(30_007)
})

test('the reservation says for whom, and can be given back', async () => {
  const range = {first: 30_000, last: 30_000}
  const port = await reserve({range})
  const {records} = await catalog.ports.list(keys.ports('local', 'localhost'))
  expect(records.map(({record}) => record.owner)).toEqual(['hello-r1@localhost'])

  await catalog.attempt([], [portRelease('local', 'localhost', port)])

  expect(await reserve({range, owner: 'hello-r2@localhost'})).toBe(port)
})

test('two hosts and two environments do not share ports', async () => {
  const range = {first: 30_000, last: 30_000}

  expect(await reserve({range})).toBe(30_000)
  expect(await reserve({range, host: 'desk'})).toBe(30_000)
  expect(await reserve({range, environment: 'staging'})).toBe(30_000)
})
