import {describe, expect, test} from '@jest/globals'

import {roomObstacle, setupObstacle} from '../../src/domain/host-setup-obstacle.js'
import {type FoundAccount, type FoundPath, type HostSetupFacts} from '../../src/domain/host-setup-facts.js'
import {aBareMachine} from '../fakes/setup-facts.js'

const account: FoundAccount = {
  uid: 998,
  home: '/var/lib/yard-deploy',
  shell: '/bin/sh',
  password: 'none',
  groups: [],
}
const directory: FoundPath = {kind: 'directory', owner: 'root', group: 'root', mode: '755'}

function without(...names: string[]): Pick<HostSetupFacts, 'programs'> {
  return {programs: new Map([...aBareMachine().programs].filter(([name]) => !names.includes(name)))}
}

function path(name: string, change: Partial<FoundPath>): Pick<HostSetupFacts, 'paths'> {
  return {paths: new Map([[name, {...directory, ...change}]])}
}

describe('what keeps a machine from being made ready', () => {
  const noSystemd = aBareMachine()
  delete noSystemd.systemdVersion

  test.each<[string, HostSetupFacts, string]>([
    ['no systemd', noSystemd, 'systemd does not run there'],
    [
      'an old systemd',
      aBareMachine({systemdVersion: 245}),
      'it has systemd 245, and yard needs 247 or newer',
    ],
    [
      'nothing to install with',
      aBareMachine(without('apt-get', 'haproxy', 'visudo')),
      "Debian GNU/Linux 12 (bookworm) has no apt-get, so yard can't install what is missing: haproxy, visudo",
    ],
    ['root in disguise', aBareMachine({account: {...account, uid: 0}}), 'it is root under another name'],
    ['a password', aBareMachine({account: {...account, password: 'set'}}), 'it has a password'],
    [
      'another home',
      aBareMachine({account: {...account, home: '/opt/yard'}}),
      'it has its home in /opt/yard',
    ],
    ['a file', aBareMachine(path('/run/yard', {kind: 'file'})), '/run/yard is a file there'],
    ['a link', aBareMachine(path('/srv/yard', {kind: 'link'})), '/srv/yard is a link there'],
    [
      'an open directory',
      aBareMachine(path('/etc/.', {mode: '777'})),
      'others than root may write into /etc there',
    ],
    ['an open one with a mark', aBareMachine(path('/srv/.', {mode: '1777'})), 'may write into /srv there'],
    [
      'a group that may write',
      aBareMachine(path('/srv/.', {mode: '2775', group: 'staff'})),
      'may write into /srv',
    ],
    ['an owner', aBareMachine(path('/', {owner: 'ada'})), 'others than root may write into / there'],
  ])('%s', (_, facts, why) => {
    expect(setupObstacle(facts, true)?.why).toContain(why)
  })

  test('nothing on a bare machine, on one that an earlier yard was on, and with a group of root', () => {
    expect(setupObstacle(aBareMachine(), true)).toBeUndefined()
    expect(setupObstacle(aBareMachine({account: {...account, home: '/var/lib/yard'}}), true)).toBeUndefined()
    expect(setupObstacle(aBareMachine(path('/srv/.', {mode: '775'})), true)).toBeUndefined()
    expect(setupObstacle(aBareMachine(without('haproxy', 'apt-get', 'sudo')), false)).toMatchObject({
      why: 'this is missing there and --no-install was given: haproxy, sudo',
      next: ['install haproxy sudo there, and run the command again'],
    })
    expect(setupObstacle(aBareMachine(without('haproxy')), true)).toBeUndefined()
  })
})

test('too little room, of bytes or of files, is told with where it is looked for', () => {
  const disk = (freeBytes: number, freeInodes?: number) => ({
    disks: [
      {directory: '/var/lib', freeBytes: 1e9},
      {directory: '/srv', freeBytes, ...(freeInodes !== undefined && {freeInodes})},
    ],
  })
  expect(roomObstacle(aBareMachine(disk(199_999_999)))).toMatchObject({
    code: 'E_DISK_FULL',
    why: 'it has 199 MB free for /srv, and at least 200 MB are needed',
  })
  expect(roomObstacle(aBareMachine(disk(200_000_000, 12)))?.why).toBe(
    'it has room for 12 more files in /srv, and at least 5000 are needed',
  )
  expect(roomObstacle(aBareMachine(disk(200_000_000)))).toBeUndefined()
})
