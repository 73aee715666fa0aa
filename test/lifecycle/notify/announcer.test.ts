import {describe, expect, test} from '@jest/globals'

import {type Notifier, type NotifyOutcome} from '../../../src/contracts/notifier.js'
import {type YardEvent} from '../../../src/contracts/report.js'
import {NotifierAnnouncer, type OpenedNotifier} from '../../../src/lifecycle/notify/announcer.js'
import {ManualClock} from '../../fakes/clock.js'
import {aDeployEvent, aFailedEvent} from '../../fakes/deploy-events.js'

function notifier(name: string, notify: Notifier['notify']): Notifier {
  return {name, notify}
}

function world(openNotifiers: (signal: AbortSignal) => Promise<readonly OpenedNotifier[]>) {
  const clock = new ManualClock()
  const events: YardEvent[] = []
  const announcer = new NotifierAnnouncer({clock, report: (event) => events.push(event), openNotifiers})
  return {announcer, clock, events}
}

const told = async (): Promise<NotifyOutcome> => ({ok: true})

describe('an announcer', () => {
  test('tells everybody at once, and opens them only once', async () => {
    const heard: string[] = []
    let opened = 0
    const {announcer, events} = world(async () => {
      opened += 1
      return ['a', 'b'].map((name) =>
        notifier(name, async ({event}) => {
          heard.push(`${name} ${event}`)
          return {ok: true}
        }),
      )
    })

    announcer.announce(aDeployEvent())
    announcer.announce(aFailedEvent())
    await announcer.settle()

    expect(heard.sort()).toEqual(['a failed', 'a started', 'b failed', 'b started'])
    expect([opened, events]).toEqual([1, []])
  })

  test('with nothing to tell opens nothing and ends at once', async () => {
    const {announcer, clock} = world(() => Promise.reject(new Error('asked')))

    await announcer.settle()

    expect(clock.sleeping).toBe(0)
  })

  test('D14 one that refuses, throws or is out of order is one line of warning, and keeps nobody from being told', async () => {
    let count = 0
    const {announcer, events} = world(async () => [
      notifier('Slack', async () => ({ok: false, why: 'it answers 404'})),
      notifier('Mail to a@b.org', () => Promise.reject(new Error('bug'))),
      notifier('The webhook at x', () => {
        throw new Error('at once')
      }),
      {name: 'Webhook 2', problem: 'the variable HOOK is not set'},
      notifier('fine', () => {
        count += 1
        return told()
      }),
    ])

    announcer.announce(aDeployEvent())
    announcer.announce(aFailedEvent())
    await announcer.settle()

    expect(count).toBe(2)
    expect(new Set(events)).toEqual(
      new Set(
        [
          'Slack was not told of this deploy: it answers 404',
          'Mail to a@b.org was not told of this deploy: bug',
          'The webhook at x was not told of this deploy: at once',
          'Webhook 2 was not told of this deploy: the variable HOOK is not set',
        ].map((text) => ({kind: 'warning', text})),
      ),
    )
    expect(events).toHaveLength(4)
  })

  test('D14 one that hangs delays the end of a deploy by five seconds and no more', async () => {
    const aborted: string[] = []
    const {announcer, clock, events} = world(async () => [
      notifier('hangs', (_event, signal) => {
        signal.addEventListener('abort', () => aborted.push('told that it is over'))
        return new Promise(() => undefined)
      }),
      notifier('fine', told),
    ])
    announcer.announce(aDeployEvent())
    let isSettled = false
    const settling = announcer.settle().then(() => (isSettled = true))

    await clock.advance(4_999)
    expect(isSettled).toBe(false)
    await clock.advance(1)
    await settling

    expect(aborted).toEqual(['told that it is over'])
    expect(events).toEqual([
      {kind: 'warning', text: 'hangs was not told of this deploy: no answer within 5 s'},
    ])
    expect(clock.sleeping).toBe(0)
  })

  test('secrets that do not open in time are given up, with a warning', async () => {
    let wasAborted = false
    const {announcer, clock, events} = world(
      (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (wasAborted = true))
        }),
    )
    announcer.announce(aDeployEvent())
    const settling = announcer.settle()

    await clock.advance(5_000)
    await settling

    expect(wasAborted).toBe(true)
    expect(events).toEqual([
      {kind: 'warning', text: 'Nobody was told of this deploy: the secrets it takes were not opened in time'},
    ])
  })

  test('a platform file that can no longer be read is a warning', async () => {
    const {announcer, events} = world(() => Promise.reject(new Error("can't read it")))

    announcer.announce(aDeployEvent())
    await announcer.settle()

    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({kind: 'warning', text: expect.stringContaining("can't read it")})
  })
})
