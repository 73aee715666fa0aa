import {expect, test} from '@jest/globals'

import {type PushedHost, type PushReport} from '../../src/lifecycle/push/needs.js'
import {pushView} from '../../src/terminal/push-view.js'

const web1: PushedHost = {
  host: 'web-1',
  address: '10.0.0.11',
  outcome: 'runtime',
  revisionBefore: 41,
  revision: 44,
  skipped: [],
}
const web2: PushedHost = {
  host: 'web-2',
  address: '10.0.0.12',
  outcome: 'failed',
  revision: 41,
  revisionBefore: 41,
  skipped: [],
  problem: {
    code: 'E_HOST_UNREACHABLE',
    what: "Can't reach web-2",
    why: 'it\u001b[2J is off',
    next: ['ssh web-2'],
  },
}
const report: PushReport = {environment: 'staging', revision: 44, isPlan: false, hosts: [web1, web2]}

test('says which host is where, what went wrong and what to do', () => {
  expect(pushView(report)).toBe(
    [
      'HOST   ADDRESS    BEFORE  NOW  HOW',
      'web-1  10.0.0.11  41      44   runtime',
      'web-2  10.0.0.12  41      41   failed: it\\x1b[2J is off',
      '',
      "Can't reach web-2: it\\x1b[2J is off (E_HOST_UNREACHABLE)",
      '  ssh web-2',
      '',
      '✗ 1 of 2 hosts of staging has revision 44',
    ].join('\n'),
  )
})

test('says what was left out, and which key is trusted from now on', () => {
  const hosts = [{...web1, skipped: ['service "x y": its name'], pinnedKey: 'ssh-ed25519 AAAA'}]

  const text = pushView({...report, hosts})

  expect(text).toContain('web-1: left out service "x y": its name')
  expect(text).toContain('web-1: its SSH key is pinned in the catalog now: ssh-ed25519 AAAA')
  expect(text).toContain('✓ 1 host of staging has revision 44')
})

test('a plan tells the difference in the words of services', () => {
  const none = {added: [], removed: []}
  const same = {isFirst: false, services: [], isFrameChanged: false, publicRoutes: none, closed: none}
  const billing = {
    service: 'billing',
    change: 'changed' as const,
    added: ['10.0.0.3:4001'],
    removed: ['10.0.0.1:4000'],
    weights: ['10.0.0.2:4000 weight 0, was 100'],
    isSettingsChanged: true,
  }
  const orders = {...billing, service: 'orders', change: 'new' as const, added: [], removed: [], weights: []}
  const changed = {
    isFirst: true,
    services: [
      billing,
      {...orders, isSettingsChanged: false},
      {...orders, service: 'old', change: 'gone' as const},
    ],
    isFrameChanged: true,
    publicRoutes: {added: ['billing.example.org/ billing'], removed: []},
    closed: {added: [], removed: ['kudos back at nine']},
  }
  const hosts: PushedHost[] = [
    {...web1, outcome: 'planned', difference: changed},
    {...web1, host: 'web-3', outcome: 'planned', difference: same},
    web2,
  ]

  expect(pushView({...report, isPlan: true, hosts}).split('\n')).toEqual([
    'Would push revision 44 to staging',
    '',
    'web-1:',
    '  nothing is installed there yet',
    '  ports or settings that all services share',
    '  billing: + 10.0.0.3:4001, - 10.0.0.1:4000, 10.0.0.2:4000 weight 0, was 100, other settings',
    '  new service orders',
    '  service old is gone: other settings',
    '  public route: + billing.example.org/ billing',
    '  closed: - kudos back at nine',
    'web-3: nothing would change',
    '',
    "Can't reach web-2: it\\x1b[2J is off (E_HOST_UNREACHABLE)",
    '  ssh web-2',
    '',
    'Nothing was changed.',
  ])
})
