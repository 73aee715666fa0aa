import {expect, test} from '@jest/globals'

import {type HostFollowing} from '../../src/lifecycle/sidecar/host-following.js'
import {type SidecarStatusReport} from '../../src/lifecycle/sidecar/status.js'
import {acceptLossView, sidecarRunView, sidecarStatusView} from '../../src/terminal/sidecar-view.js'
import {aSidecarStatus} from '../fakes/sidecar.js'

const at = '2026-11-20T12:00:10.000Z'

function report(...hosts: Partial<HostFollowing>[]): SidecarStatusReport {
  return {
    environment: 'staging',
    wanted: {revision: 9, records: 3, serving: 3, readAt: 12},
    hosts: hosts.map((host) => ({host: 'web-1', state: 'follows', by: 'sidecar', skipped: [], ...host})),
    isWell: true,
    bad: [],
    at,
  }
}

test('a host that follows is one line', () => {
  const lastChange = {how: 'runtime' as const, durationMillis: 12, at: '2026-11-20T12:00:00.000Z'}
  const view = sidecarStatusView(report({appliedRevision: 9, pid: 42, sidecar: aSidecarStatus({lastChange})}))
  expect(view.split('\n')).toEqual([
    'HOST   STATE    APPLIED  WANTED  SEEN      LAST CHANGE                 RELOADS  WORKERS  BY',
    'web-1  follows  9        9       10 s ago  runtime in 12 ms, 10 s ago  0        1        sidecar 42',
  ])
})

test('a host that holds back a loss says so in its row', () => {
  const sidecar = aSidecarStatus({suspects: ['billing: all 3 instances vanished']})
  const lines = sidecarStatusView(report({state: 'holds', appliedRevision: 9, sidecar})).split('\n')
  expect(lines[1]).toMatch(/^web-1 {2}holds /)
  expect(lines).toContain('! web-1: held back: billing: all 3 instances vanished')
})

test('what is wrong with a host stands below the table, with what to do about it', () => {
  const sidecar = aSidecarStatus({
    staleSince: '2026-11-20T11:00:00.000Z',
    suspects: ['billing: 3 of 5 vanished'],
    drift: ['billing has no server 10.0.0.1:80'],
    isReloadOwed: true,
  })
  const view = sidecarStatusView(
    report(
      {
        state: 'lagging',
        lagMillis: 61_000,
        problem: 'no space left on the disk',
        skipped: ['/yard/v1/x: port'],
        sidecar,
      },
      {host: 'web-2', state: 'absent', by: 'nobody'},
      {host: 'web-3', state: 'outdated', by: 'push', pushed: {at: '2026-11-20T11:00:10.000Z', by: 'ada'}},
    ),
  )
  for (const line of [
    'lags 1 min 1 s',
    "! web-1: can't hear the catalog since 2026-11-20T11:00:00.000Z; requests go on by what it said last",
    '! web-1: no space left on the disk',
    '! web-1: held back: billing: 3 of 5 vanished',
    'yard sidecar accept-loss --env staging',
    '! web-1: left out /yard/v1/x: port',
    '! web-1: HAProxy differs: billing has no server 10.0.0.1:80',
    'web-1: a reload is waiting',
    '! web-2: nobody keeps its HAProxy right: yard sidecar run --env staging --host web-2',
    '! web-3: what was pushed is not the newest: yard push --env staging --hosts web-3',
    'push, 1 h ago',
    'push of ada',
  ])
    expect(view).toContain(line)
})

test('text from outside can do nothing to the terminal', () => {
  const evil = '\u001b[2Jx\ny'
  const view = sidecarStatusView({
    ...report({problem: evil, skipped: [evil], sidecar: aSidecarStatus({suspects: [evil], drift: [evil]})}),
    bad: [{key: evil, why: evil}],
  })
  expect(view).not.toContain('\u001b')
  expect(view.split('\n').filter((line) => line.startsWith('y'))).toEqual([])
})

test('an environment without hosts says how to add one', () => {
  expect(sidecarStatusView(report())).toContain('yard hosts add web-1 --env staging')
})

test('the start says what is followed, and whether it is old', () => {
  const run = {
    environment: 'staging',
    host: 'web-1',
    url: 'http://127.0.0.1:7070',
    doorUrl: 'http://127.0.0.1:7072',
    pid: 42,
    startedAt: at,
    revision: 9,
    services: 1,
    haproxyVersion: '2.6.12',
    isStale: false,
  }
  expect(sidecarRunView(run)).toBe(
    '● HAProxy 2.6.12 of web-1 in staging follows the catalog\n  1 service at http://127.0.0.1:7070, revision 9; http://127.0.0.1:7072/status',
  )
  expect(sidecarRunView({...run, isStale: true})).toContain('what the catalog said last, because it is away')
})

test('what is let go of is named', () => {
  const held = [{host: 'web-1', losses: ['billing: 3 of 5 vanished']}]
  const accepted = {environment: 'staging', outcome: 'accepted' as const, dryRun: false, held}
  expect(acceptLossView(accepted)).toBe(
    '✓ The sidecars of staging let go of\n  web-1: billing: 3 of 5 vanished',
  )
  expect(acceptLossView({...accepted, dryRun: true})).toContain('Would let go of')
  expect(acceptLossView({...accepted, outcome: 'nothing-held', held: []})).toContain('holds anything back')
})
