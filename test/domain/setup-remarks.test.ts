import {expect, test} from '@jest/globals'

import {setupRemarks} from '../../src/domain/setup-remarks.js'
import {aBareMachine} from '../fakes/setup-facts.js'

const remarks = (changes: Parameters<typeof aBareMachine>[0], configuredUser?: string) =>
  setupRemarks(aBareMachine(changes), {configuredUser})

test('nothing is remarked of a machine as it should be', () => {
  expect(remarks({})).toEqual([])
})

test('a clock that is off, and one that nothing keeps right', () => {
  expect(remarks({clockAheadMillis: 30_000})).toEqual([])
  expect(remarks({clockAheadMillis: 601_000})[0]).toContain('its clock is 601 s ahead')
  expect(remarks({clockAheadMillis: -45_000})[0]).toContain('its clock is 45 s behind')
  expect(remarks({isTimeSynchronised: false})).toEqual([expect.stringContaining('timedatectl')])
})

test('what is old, what is not kept, and what somebody else set up', () => {
  const account = {uid: 998, home: '/var/lib/yard', shell: '/bin/sh', password: 'none' as const}

  expect(remarks({versions: new Map([['haproxy', '2.2.9']])})).toEqual([
    'it has HAProxy 2.2.9, and yard needs 2.4 or newer',
  ])
  expect(remarks({isJournalKept: false})).toHaveLength(1)
  expect(remarks({isHaproxyUnused: false})).toEqual([expect.stringContaining('haproxy.service')])
  expect(remarks({account: {...account, groups: ['yard', 'docker', 'sudo']}})).toEqual([
    'yard is in docker, sudo there, and may so do more than yard needs',
  ])
  expect(remarks({loginKeys: ['command="x" y', 'z']})).toEqual([
    expect.stringContaining('2 keys of root have options'),
  ])
  expect(remarks({programs: new Map()})).toEqual([expect.stringContaining('is not a Debian')])
})

test('a user of the platform file that is not the one that was made', () => {
  expect(remarks({}, 'root')).toEqual(['yard.yaml has ssh.user: root, so yard goes on logging in as that'])
  expect(remarks({}, 'yard')).toEqual([])
})
