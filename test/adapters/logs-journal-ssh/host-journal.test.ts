import {beforeEach, expect, test} from '@jest/globals'

import {HostJournal} from '../../../src/adapters/logs-journal-ssh/host-journal.js'
import {
  type RemoteResult,
  type RemoteShell,
  type RemoteStreamOptions,
} from '../../../src/contracts/remote-shell.js'
import {ManualClock} from '../../fakes/clock.js'

const startedAt = Date.parse('2026-11-20T12:00:00.500Z')
const query = {
  environment: 'staging',
  service: 'billing',
  release: undefined,
  since: undefined,
  contains: undefined as string | undefined,
  accepts: undefined,
}

let clock: ManualClock
let shell: ScriptedShell
let told: string[]
let ending: AbortController

beforeEach(() => {
  clock = new ManualClock(new Date(startedAt))
  shell = new ScriptedShell()
  told = []
  ending = new AbortController()
})

function journalOf(change: Partial<typeof query> = {}): HostJournal {
  return new HostJournal(shell as unknown as RemoteShell, {...query, ...change}, clock, startedAt)
}

function follow(): Promise<void> {
  const journal = journalOf()
  const events = {
    lost: () => void told.push('-- lost'),
    back: () => void told.push('-- back'),
    gap: () => void told.push('-- gap'),
  }
  const take = ({text}: {text: string}) => {
    told.push(text)
    return undefined
  }
  return journal.follow(take, events, ending.signal)
}

test('after a break it begins at the last line, which is not shown again', async () => {
  shell.answers = [
    [entry(1), entry(2)],
    [entry(2), entry(3)],
  ]
  const following = follow()
  await clock.advance(1_000)
  expect(told).toEqual(['line 1', 'line 2', '-- lost', '-- back', 'line 3', '-- lost'])
  const begins = shell.words.slice(0, 2).map((words) => words[5])
  // What its clock says is not known before it answers.
  expect(begins).toEqual([`@${Math.floor(startedAt / 1_000) - 600}`, 's=2'])
  ending.abort()
  await following
})

test('a journal that begins with another line than the last one lacks lines', async () => {
  shell.answers = [[entry(1)], [entry(5), entry(6)]]
  const following = follow()
  await clock.advance(1_000)
  expect(told).toEqual(['line 1', '-- lost', '-- back', '-- gap', 'line 5', 'line 6', '-- lost'])
  ending.abort()
  await following
})

test('what was written before it began, in the same second, is not shown', async () => {
  shell.answers = [[entry(1, startedAt - 1), entry(2, startedAt)]]
  const following = follow()
  await clock.advance(100)
  expect(told).toEqual(['line 2', '-- lost'])
  ending.abort()
  await following
})

test.each([-3_600_000, 3_600_000])(
  'a clock that is %i ms ahead is no reason to miss or to show anything',
  async (ahead) => {
    shell.aheadMillis = ahead
    shell.answers = [[entry(1, startedAt + ahead - 1), entry(2, startedAt + ahead)]]
    const following = follow()
    await clock.advance(100)
    expect(told).toEqual(['line 2', '-- lost'])
    ending.abort()
    await following
  },
)

test('who follows does not wait for last lines that are far back; who does not, gets all', async () => {
  shell.isEndless = true
  shell.answers = [[entry(9), entry(8), entry(7)]]
  const journal = journalOf({contains: '8'})
  const hurried = journal.last(5, true, ending.signal)
  await clock.advance(2_000)
  const {isCut, lines} = await hurried
  expect([isCut, lines.map(({text}) => text)]).toEqual([true, ['line 8']])

  shell.answers.push([entry(9), entry(8), entry(7)])
  let isDone = false
  const patient = journal.last(5, false, ending.signal).then((found) => {
    isDone = true
    return found
  })
  await clock.advance(60_000)
  expect(isDone).toBe(false)
  ending.abort()
  expect(await patient).toMatchObject({isCut: false})
})

test('a host that stays away is told of once, and asked ever more seldom, at most every 19 seconds', async () => {
  const following = follow()
  await clock.advance(120_000)
  expect(told).toEqual(['-- lost'])
  const asked = shell.words.length
  expect(asked).toBeGreaterThan(9)
  expect(asked).toBeLessThan(25)
  shell.answers = Array.from({length: asked + 1}, () => [])
  shell.answers.push([entry(1)])
  await clock.advance(40_000)
  expect(told.slice(0, 3)).toEqual(['-- lost', '-- back', 'line 1'])
  ending.abort()
  await following
})

test('nobody waits for a host that does not answer when it is over', async () => {
  shell.stream = () => new Promise(() => {})
  const following = follow()
  await clock.advance(10)
  ending.abort()
  await following
  expect(told).toEqual([])
})

function entry(number: number, at = startedAt + number): string {
  return JSON.stringify({
    __CURSOR: `s=${number}`,
    __REALTIME_TIMESTAMP: String(at * 1_000),
    _SYSTEMD_UNIT: 'yard-billing-r1.service',
    YARD_ENVIRONMENT: 'staging',
    YARD_INSTANCE: 'billing-r1@web-1',
    MESSAGE: `line ${number}`,
  })
}

/** Each program says its lines and is lost; one without lines doesn't even begin. */
class ScriptedShell {
  readonly host = 'web-1'
  readonly words: string[][] = []
  answers: string[][] = []
  aheadMillis = 0
  /** What it says last is all that it says, and it doesn't end before its input does. */
  isEndless = false

  async stream({args}: {args: readonly string[]}, {onLine}: RemoteStreamOptions) {
    const lines = this.answers[this.words.length] ?? []
    this.words.push(args.slice(args.indexOf('logs')))
    if (lines.length === 0) throw new Error('nobody answers')
    await onLine?.(`clock ${(startedAt + this.aheadMillis) * 1_000}`)
    for (const line of lines) await onLine?.(line)
    const lost: RemoteResult = {outcome: 'lost', stdout: '', stderr: ''}
    let end: (result: RemoteResult) => void = () => undefined
    const ended = new Promise<RemoteResult>((resolve) => (end = resolve))
    if (!this.isEndless) end(lost)
    return {ended, endInput: () => end(lost), stop: () => ended, write: () => Promise.resolve(true)}
  }
}
