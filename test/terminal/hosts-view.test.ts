import {expect, test} from '@jest/globals'

import {type HostReport, type ListedHost} from '../../src/lifecycle/hosts/list.js'
import {
  hostAddedView,
  hostDrainView,
  hostRemovedView,
  hostsView,
  hostView,
} from '../../src/terminal/hosts-view.js'
import {aHost} from '../fakes/records.js'

const evil = 'first\u001b[2J\nsecond'
const now = new Date('2026-11-20T13:00:00.000Z')
const listed: ListedHost = {
  name: 'web-1',
  environment: 'staging',
  address: '10.0.0.11',
  description: evil,
  edge: true,
  state: 'drained',
  instances: 2,
  declared: true,
}

test('what others wrote does nothing to the terminal', () => {
  const report: HostReport = {
    ...listed,
    instances: [],
    drain: {since: '2026-11-20T12:00:00.000Z', by: evil},
    pushed: {revision: 7, at: '2026-11-20T12:00:00.000Z', by: evil},
    agent: {
      pid: 1,
      startedAt: '2026-11-20T12:00:00.000Z',
      appliedRevision: 1,
      haproxyVersion: evil,
      isSidecar: true,
      problem: evil,
    },
  }
  const changes = [{field: 'description', before: evil, after: evil}]
  const views = [
    hostsView([listed], 'staging'),
    hostView(report, now),
    hostAddedView({outcome: 'changed', dryRun: false, host: aHost({description: evil}), changes}),
  ]

  for (const view of views) expect(view).not.toMatch(/\u001b|\nsecond/)
})

test('a host shows since when it is drained, by whom, and what looks after it', () => {
  const drain = {since: '2026-11-20T12:00:00.000Z', by: 'ada'}
  const view = hostView({...listed, description: '', edge: false, instances: [], drain}, now)

  expect(view).toContain('drained     1 h ago by ada')
  expect(view).toContain('sidecar     none: yard ps --env staging asks the host itself')
  const local = hostView({...listed, environment: 'local', instances: []}, now)
  expect(local).toContain('supervisor  none is at work there')
})

test('a removal says what was ended there, and what was only forgotten', () => {
  const removed = {host: 'web-1', environment: 'staging', dryRun: false, instances: ['hello-r1@web-1']}

  expect(hostRemovedView(removed)).toBe('✓ Removed web-1 from staging\n  ended hello-r1@web-1')
  expect(hostRemovedView({...removed, instances: [], forgotten: ['hello-r1@web-1']})).toBe(
    '✓ Removed web-1 from staging\n  forgot hello-r1@web-1',
  )
})

test('a host tells where it is from', () => {
  const from = (host: {declared?: boolean}, environment: string) =>
    hostView({...listed, environment, instances: [], ...host}, now)

  expect(from({}, 'staging')).toMatch(/from +yard\.yaml/)
  expect(from({declared: false}, 'staging')).toMatch(/from +by hand/)
  expect(from({declared: false}, 'local')).toMatch(/from +yard itself/)
})

test('an empty environment says how to add a host', () => {
  expect(hostsView([], 'staging')).toContain('yard hosts add web-1 --env staging --address 10.0.0.11')
})

test('a drain names its instances, and who is left without service', () => {
  const report = {host: 'web-1', environment: 'staging', instances: ['hello-r1@web-1'], unserved: ['hello']}

  expect(hostDrainView({...report, outcome: 'drained', dryRun: false})).toBe(
    [
      '✓ web-1 in staging gets no new requests',
      '  hello-r1@web-1',
      'No other host serves hello: callers get errors meanwhile',
      '',
      'Back: yard hosts enable web-1 --env staging',
    ].join('\n'),
  )
  expect(hostDrainView({...report, unserved: [], outcome: 'enabled', dryRun: true})).toBe(
    ['Would enable web-1 in staging', '  hello-r1@web-1', '', 'Nothing was changed.'].join('\n'),
  )
})

test('a removal names what it ended, or would end', () => {
  const report = {host: 'web-1', environment: 'staging', instances: ['hello-r1@web-1']}

  expect(hostRemovedView({...report, dryRun: false})).toContain('  ended hello-r1@web-1')
  expect(hostRemovedView({...report, dryRun: true})).toContain('  would end hello-r1@web-1')
})
