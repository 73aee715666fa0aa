import {afterEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {type Report} from '../../../src/contracts/report.js'
import {type Agent} from '../../../src/domain/instance.js'
import {type SidecarStatus} from '../../../src/domain/sidecar-status.js'
import {AgentBoard} from '../../../src/lifecycle/sidecar/agent-board.js'
import {YardError} from '../../../src/errors.js'
import {LeasedBoard} from '../../../src/lifecycle/supervise/leased-board.js'
import {ManualClock} from '../../fakes/clock.js'
import {anAgent} from '../../fakes/records.js'
import {FakeBoard, aSidecarStatus} from '../../fakes/sidecar.js'

const key = '/yard/v1/in/staging/agents/web-1'
let stop = new AbortController()
afterEach(() => stop.abort(new Error('stopped')))

function begin(board = new FakeBoard()) {
  stop = new AbortController()
  const clock = new ManualClock()
  const told = {agent: undefined as Agent | undefined}
  const agents = new AgentBoard({clock, board}, key, () => told.agent)
  const running = agents.run(stop.signal)
  const tell = async (agent: Partial<Agent>, sidecar: Partial<SidecarStatus> = {}) => {
    told.agent = anAgent({...agent, sidecar: aSidecarStatus(sidecar)})
    agents.nudge()
    await clock.advance(0)
  }
  return {agents, board, clock, running, tell}
}

test('what a deploy waits for is written at once, the rest once a second at most', async () => {
  const {board, clock, tell} = begin()
  await tell({appliedRevision: 1})
  await tell({appliedRevision: 2})
  expect(board.published.map(({appliedRevision}) => appliedRevision)).toEqual([1, 2])
  for (let workers = 1; workers < 9; workers++) {
    await tell({appliedRevision: 2}, {workers})
    await clock.advance(100)
  }
  expect(board.published).toHaveLength(2)
  await clock.advance(300)
  expect(board.published).toHaveLength(3)
  expect(board.published.at(-1)?.sidecar?.workers).toBe(8)
})

test('when the catalog was last heard is written every fifteen seconds only', async () => {
  const {board, clock, tell} = begin()
  for (let second = 0; second < 35; second++) {
    await tell({}, {seenAt: new Date(second * 1_000).toISOString()})
    await clock.advance(1_000)
  }
  expect(board.published).toHaveLength(3)
})

test('who may not write to the catalog is told so once, and not when the catalog is away', async () => {
  const clock = new ManualClock()
  const told: string[] = []
  let code: 'E_CATALOG_FORBIDDEN' | 'E_CATALOG_UNREACHABLE' = 'E_CATALOG_UNREACHABLE'
  const refuse = async () => {
    throw new YardError(code, {
      what: "Can't write",
      why: 'its role may not use leases',
      next: ['ask an admin'],
    })
  }
  const board = {publish: refuse, renew: refuse, clear: async () => undefined}
  const report: Report = (event) => {
    if (event.kind === 'warning') told.push(event.text)
  }
  stop = new AbortController()
  void new AgentBoard({clock, board, report}, key, () => anAgent({sidecar: aSidecarStatus()})).run(
    stop.signal,
  )
  await clock.advance(10_000)
  expect(told).toEqual([])
  code = 'E_CATALOG_FORBIDDEN'
  await clock.advance(20_000)
  expect(told).toEqual([
    "the catalog isn't told how this sidecar is: its role may not use leases; requests are routed all the same",
  ])
})

test('nothing is said before there is something to say, and an idle sidecar only renews', async () => {
  const {board, clock, tell} = begin()
  await clock.advance(10_000)
  expect(board.published).toEqual([])
  await tell({})
  await clock.advance(60_000)
  expect(board.published).toHaveLength(1)
  expect(board.renewals).toBeGreaterThanOrEqual(8)
  expect(board.renewals).toBeLessThanOrEqual(11)
})

test('a catalog that is away is asked every two seconds, and told all when it is back', async () => {
  const {board, clock, tell} = begin()
  board.isAway = true
  await tell({appliedRevision: 1})
  await tell({appliedRevision: 2})
  await clock.advance(20_000)
  board.isAway = false
  await clock.advance(2_000)
  expect(board.published.map(({appliedRevision}) => appliedRevision)).toEqual([2])
})

test('a lease that is lost while the catalog is away is taken anew with the record', async () => {
  const store = new MemoryStore({now: () => clock.monotonicMillis()})
  const {clock, running, tell} = begin(new LeasedBoard(store, 15_000) as unknown as FakeBoard)
  await tell({appliedRevision: 7})
  const before = await store.get(key)
  await store.revokeLease(before?.lease ?? '')
  expect(await store.get(key)).toBeUndefined()
  await clock.advance(8_000)
  expect(JSON.parse((await store.get(key))?.value ?? '{}')).toMatchObject({appliedRevision: 7})
  stop.abort(new Error('stopped'))
  await clock.advance(0)
  await running
  expect(await store.get(key)).toBeUndefined()
  await store.close()
})
