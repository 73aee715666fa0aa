import {beforeEach, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {inOrder, LineMerge} from '../../../src/adapters/logs-journal-ssh/line-merge.js'
import {type LogLine} from '../../../src/contracts/log-reader.js'
import {ManualClock} from '../../fakes/clock.js'

let clock: ManualClock
let merge: LineMerge

beforeEach(() => {
  clock = new ManualClock()
  merge = new LineMerge(clock)
})

const line = (at: number, text = String(at)): LogLine => ({
  at,
  stream: 'stdout',
  source: 'x',
  labels: {},
  text,
})
const told = () => merge.take().map(({text}) => text)

describe('of the past', () => {
  test('lines of many hosts come in the order of their times, each once, and those of one host stay in theirs', () => {
    const logs = fc.array(fc.array(fc.integer({min: 0, max: 50}), {maxLength: 30}), {maxLength: 5})
    fc.assert(
      fc.property(logs, (hosts) => {
        const merged = new LineMerge(clock)
        const feeds = hosts.map(() => merged.feed())
        hosts.forEach((times, host) =>
          times.forEach((at, index) => void feeds[host]?.push(line(at, `${host}:${index}`))),
        )
        for (const feed of feeds) feed.end()
        const lines = merged.take()
        expect(lines).toHaveLength(hosts.flat().length)
        expect(merged.isOver).toBe(true)
        hosts.forEach((times, host) =>
          expect(lines.filter(({text}) => text.startsWith(`${host}:`)).map(({text}) => text)).toEqual(
            times.map((_, index) => `${host}:${index}`),
          ),
        )
        const sorted = hosts.map((times) => [...times].sort((one, other) => one - other))
        if (JSON.stringify(sorted) === JSON.stringify(hosts))
          expect(lines.map(({at}) => at)).toEqual(hosts.flat().sort((one, other) => one - other))
        expect(lines.map(({at}) => at)).toEqual(
          inOrder(hosts.map((times) => times.map((at) => line(at)))).map(({at}) => at),
        )
      }),
    )
  })

  test('nothing is told while an older line may be on its way', async () => {
    const [one, other] = [merge.feed(), merge.feed()]
    void one.push(line(5))
    expect(told()).toEqual([])
    void other.push(line(3))
    void other.push(line(7))
    expect(told()).toEqual(['3', '5'])
    one.end()
    expect(told()).toEqual(['7'])
    await clock.advance(1_999)
    expect(merge.isOver).toBe(false)
  })

  test('a host of which nothing is heard holds up the others for two seconds', async () => {
    const [one] = [merge.feed(), merge.feed()]
    void one.push(line(5))
    await clock.advance(1_999)
    expect(told()).toEqual([])
    await clock.advance(1)
    expect(told()).toEqual(['5'])
  })

  test('a host that was told to wait is waited for, however long that took', async () => {
    const [one, other] = [merge.feed(), merge.feed()]
    const room = one.push(line(1, 'x'.repeat(1_000_000)))
    expect(room).toBeInstanceOf(Promise)
    void other.push(line(2))
    await clock.advance(60_000)
    void other.push(line(9))
    expect(merge.take().map(({at}) => at)).toEqual([1])
    await room
    void one.push(line(4))
    expect(told()).toEqual(['2', '4'])
  })
})

describe('of now', () => {
  test('a line waits half a second for older ones of other hosts', async () => {
    const [one, other] = [merge.feed(), merge.feed()]
    one.goLive()
    other.goLive()
    void one.push(line(1_000))
    await clock.advance(400)
    void other.push(line(900))
    expect(told()).toEqual([])
    await clock.advance(100)
    expect(told()).toEqual(['900', '1000'])
  })

  test('a clock that is ahead holds up nobody', async () => {
    const [ahead, usual] = [merge.feed(), merge.feed()]
    ahead.goLive()
    usual.goLive()
    void ahead.push(line(600_000, 'ahead'))
    await clock.advance(500)
    expect(told()).toEqual(['ahead'])
    void usual.push(line(1_000, 'usual'))
    await clock.advance(500)
    expect(told()).toEqual(['usual'])
  })

  test('what is left is told after the end', async () => {
    const feed = merge.feed()
    feed.goLive()
    void feed.push(line(1))
    feed.end()
    expect(merge.isOver).toBe(false)
    await clock.advance(500)
    expect(told()).toEqual(['1'])
    expect(merge.isOver).toBe(true)
  })

  test('whoever waits for room is let go at the end', async () => {
    const feed = merge.feed()
    const room = feed.push(line(1, 'x'.repeat(1_000_000)))
    merge.end()
    await room
  })
})
