import {expect, test} from '@jest/globals'

import {type ListedLock} from '../../src/lifecycle/locks/list.js'
import {lockBreakView, lockSentence, locksView} from '../../src/terminal/locks-view.js'

const now = new Date('2026-11-20T12:05:00.000Z')

const held: ListedLock = {
  name: 'deploy/staging/billing',
  lock: {
    v: 1,
    name: 'deploy/staging/billing',
    holder: 'ada@laptop',
    host: 'laptop',
    pid: 4711,
    processStartedAt: 'boot:1',
    purpose: 'deploy billing in staging',
    since: '2026-11-20T12:00:00.000Z',
  },
  expiresInMillis: 26_000,
  isAlive: false,
}

test('locks are shown with their holders', () => {
  expect(locksView([held, {name: 'odd', bad: 'is not JSON'}], now).split('\n')).toEqual([
    'LOCK                    HOLDER                          HOST, PROCESS  SINCE      EXPIRES    PROCESS  PURPOSE                    CI',
    'deploy/staging/billing  ada@laptop                      laptop, 4711   5 min ago  in 26.0 s  gone     deploy billing in staging  -',
    'odd                     not to be trusted: is not JSON  -              -          never      -        -                          -',
  ])
  expect(locksView([], now)).toBe('Nobody holds a lock.')
})

test('what is broken is told before and after', () => {
  expect(lockSentence(held, now)).toBe(
    'ada@laptop took it 5 min ago on laptop with process 4711, which is gone, to deploy billing in staging',
  )
  expect(lockBreakView({dryRun: false, lock: held})).toContain('of ada@laptop is broken')
  expect(lockBreakView({dryRun: true, lock: held})).toBe(
    'Would break the lock deploy/staging/billing of ada@laptop.',
  )
})

test('hostile holders can do nothing to the terminal', () => {
  const lock = {...held.lock, holder: 'eve\n\u001b[2J'} as NonNullable<ListedLock['lock']>
  for (const text of [
    lockSentence({...held, lock}, now),
    lockBreakView({dryRun: true, lock: {...held, lock}}),
  ]) {
    expect(text).toContain(String.raw`eve\n\x1b[2J`)
  }
})
