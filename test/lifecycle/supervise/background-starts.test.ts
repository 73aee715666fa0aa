import {beforeEach, describe, expect, test} from '@jest/globals'

import {type ProcessSpec} from '../../../src/contracts/process-manager.js'
import {Secret} from '../../../src/domain/secret.js'
import {YardError} from '../../../src/errors.js'
import {BackgroundStarts} from '../../../src/lifecycle/supervise/background-starts.js'
import {ManualClock} from '../../fakes/clock.js'

let clock: ManualClock
let started: string[]
let starts: BackgroundStarts

beforeEach(() => {
  clock = new ManualClock()
  started = []
  starts = new BackgroundStarts(clock, async (spec) => {
    await spec.secrets?.()
    started.push(spec.id)
  })
})

function spec(
  id: string,
  secrets: ProcessSpec['secrets'] = async () => ({KEY: new Secret('x')}),
): ProcessSpec {
  return {id, labels: {}, command: {line: 'x'}, directory: '/', variables: {}, secrets}
}

const refusing = () =>
  Promise.reject(
    new YardError('E_SECRET_TOOL', {what: "Can't open KEY", why: 'not signed in', next: ['op signin']}),
  )

/** Opens when the test says so. */
function slow(): {open: () => void; secrets: NonNullable<ProcessSpec['secrets']>} {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return {open: () => open(), secrets: () => opened.then(() => ({}))}
}

test('what opens at once is started when the call returns', async () => {
  await starts.start([spec('one'), spec('two')])

  expect(started.sort()).toEqual(['one', 'two'])
  expect([starts.problems(), starts.hasNews()]).toEqual([[], false])
})

test('what takes long holds nothing up, and is news when it is there', async () => {
  const {open, secrets} = slow()
  const returned = starts.start([spec('slow', secrets), spec('quick')])
  await clock.advance(3_000)
  await returned

  expect(started).toEqual(['quick'])
  expect([starts.isAtWorkOn('slow'), starts.isAtWorkOn('quick'), starts.hasNews()]).toEqual([
    true,
    false,
    false,
  ])
  open()
  await clock.advance(0)
  expect([started, starts.hasNews()]).toEqual([['quick', 'slow'], true])
})

test('what came late is news only once, also when nothing is wanted any more', async () => {
  const {open, secrets} = slow()
  const returned = starts.start([spec('slow', secrets)])
  await clock.advance(3_000)
  await returned
  open()
  await clock.advance(0)
  await starts.start([])

  expect(starts.hasNews()).toBe(false)
})

test('what takes long is not begun twice', async () => {
  const {open, secrets} = slow()
  for (let round = 0; round < 3; round++) {
    const returned = starts.start([spec('slow', secrets)])
    await clock.advance(3_000)
    await returned
  }
  open()
  await clock.advance(0)

  expect(started).toEqual(['slow'])
})

describe('what can not be opened', () => {
  test('is a problem of its own', async () => {
    await starts.start([spec('locked', refusing), spec('fine')])

    expect(started).toEqual(['fine'])
    expect(starts.problemOf('locked')).toBe("Can't open KEY: not signed in")
    expect(starts.problemOf('fine')).toBeUndefined()
    expect(starts.problems()).toEqual(["locked: Can't open KEY: not signed in"])
    expect(starts.isAtWorkOn('locked')).toBe(true)
  })

  test('is left alone for 15 s, then it is news and tried again', async () => {
    let tries = 0
    const secrets = () => (++tries === 1 ? refusing() : Promise.resolve({}))
    await starts.start([spec('locked', secrets)])
    await starts.start([spec('locked', secrets)])
    expect([tries, starts.hasNews()]).toEqual([1, false])

    await clock.advance(15_000)
    expect(starts.hasNews()).toBe(true)
    await starts.start([spec('locked', secrets)])

    expect([tries, started, starts.problems()]).toEqual([2, ['locked'], []])
  })

  test('and is no longer wanted is forgotten', async () => {
    await starts.start([spec('locked', refusing)])
    await starts.start([])

    expect([starts.problems(), starts.isAtWorkOn('locked')]).toEqual([[], false])
  })
})

test('what is called off while its secrets are opened is not started', async () => {
  const {open, secrets} = slow()
  const first = starts.start([spec('gone', secrets)])
  const second = starts.start([])
  open()
  await Promise.all([first, second])

  expect([started, starts.problems()]).toEqual([[], []])
})

test('stopping waits for what is under way, and starts nothing more', async () => {
  const {open, secrets} = slow()
  const begun = starts.start([spec('slow', secrets)])
  const stopped = starts.stop()
  open()
  await Promise.all([begun, stopped])

  expect(started).toEqual([])
})
