import {expect, test} from '@jest/globals'
import fc from 'fast-check'

import {readFacts} from '../../../src/adapters/host-setup-ssh/setup-answers.js'

const asked = {sentMillis: 1_000_000, heardMillis: 1_002_000}
const sum = 'a'.repeat(64)
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFo='
const output = `clock 1001000
login ada
login-key ${key} ada@laptop
login-key command="x" ${key}
account-key # mine
host-key ${key}
host-key ssh-ed25519 %%%
os PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
os ID=debian
architecture x86_64
version systemctl systemd 252 (252.30-1~deb12u2)
version haproxy HAProxy version 2.6.12-1+deb12u3 2025/10/03 - https://haproxy.org/
version node v20.19.0
version python3 Python 3.11.2
account yard:x:998:997::/var/lib/yard-deploy:/bin/sh
groups yard docker
password none
haproxy-unused
NTPSynchronized=yes
journal kept
sudo allowed
program haproxy /usr/sbin/haproxy
program evil rm -rf
unit yard-haproxy.path enabled activating no
unit haproxy.service disabled - yes
room   2139062272 3085455 /srv
room 1000 - /var/lib
room 2000 0 /etc
path directory yard yard 755 - /srv/yard
path file root root 440 ${sum} /etc/sudoers.d/yard
path absent - - 0 - /usr/lib/yard
path gone root root 440 - /x
complete
`

test('what the machine says is read line by line, and what looks wrong is left out', () => {
  expect(readFacts(output, asked)).toEqual({
    login: 'ada',
    system: {id: 'debian', title: 'Debian GNU/Linux 12 (bookworm)', architecture: 'x86_64'},
    systemdVersion: 252,
    programs: new Map([['haproxy', '/usr/sbin/haproxy']]),
    versions: new Map([
      ['haproxy', '2.6.12'],
      ['node', '20.19.0'],
      ['python3', '3.11.2'],
    ]),
    paths: new Map([
      ['/srv/yard', {kind: 'directory', owner: 'yard', group: 'yard', mode: '755'}],
      ['/etc/sudoers.d/yard', {kind: 'file', owner: 'root', group: 'root', mode: '440', sha256: sum}],
      ['/usr/lib/yard', {kind: 'absent', owner: '-', group: '-', mode: '0'}],
    ]),
    account: {
      uid: 998,
      home: '/var/lib/yard-deploy',
      shell: '/bin/sh',
      password: 'none',
      groups: ['yard', 'docker'],
    },
    loginKeys: [`${key} ada@laptop`, `command="x" ${key}`],
    accountKeys: ['# mine'],
    hostKeys: [key],
    units: new Map([
      ['yard-haproxy.path', {isEnabled: true, isActive: true, isOutdated: false}],
      ['haproxy.service', {isEnabled: false, isActive: false, isOutdated: true}],
    ]),
    isHaproxyUnused: true,
    disks: [
      {directory: '/srv', freeBytes: 2_139_062_272, freeInodes: 3_085_455},
      {directory: '/var/lib', freeBytes: 1000},
      {directory: '/etc', freeBytes: 2000},
    ],
    clockAheadMillis: 0,
    isTimeSynchronised: true,
    isJournalKept: true,
    isSudoAllowed: true,
  })
})

test('an answer that breaks off is none', () => {
  expect(readFacts(output.replace('complete\n', ''), asked)).toBeUndefined()
  expect(readFacts('', asked)).toBeUndefined()
})

test('what can not be told of a password counts as one, and a clock is off by at least what is left', () => {
  expect(readFacts('account yard:x:1:1::/x:/bin/sh\ncomplete', asked)?.account?.password).toBe('set')
  expect(readFacts('clock 1602000\ncomplete', asked)?.clockAheadMillis).toBe(600_000)
  expect(readFacts('clock 970000\ncomplete', asked)?.clockAheadMillis).toBe(-30_000)
  expect(readFacts('clock x\ncomplete', asked)?.clockAheadMillis).toBe(0)
})

test('whatever a machine says, it is read without a fault and nothing is taken for what it is not', () => {
  const names = ['clock', 'login', 'path', 'unit', 'room', 'account', 'version', 'host-key', 'program', 'os']
  const line = fc.tuple(fc.constantFrom(...names), fc.string()).map(([name, rest]) => `${name} ${rest}`)
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const facts = readFacts([...lines, 'complete', ''].join('\n'), asked)
      expect([...(facts?.programs.values() ?? [])].every((file) => file.startsWith('/'))).toBe(true)
      expect(facts?.disks.every(({freeBytes}) => Number.isFinite(freeBytes))).toBe(true)
      expect(facts?.isSudoAllowed).toBe(false)
    }),
  )
})
