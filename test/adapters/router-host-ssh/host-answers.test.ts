import {expect, test} from '@jest/globals'

import {
  readCertificates,
  readInstalled,
  readProcesses,
} from '../../../src/adapters/router-host-ssh/host-answers.js'

test('files are told by their sizes, whatever they hold', () => {
  const text = 'haproxy.cfg 3\nno\nservices.map 0\nclosed.map 14\nclosed.map 14\n'

  expect(readInstalled(text)).toEqual(
    new Map([
      ['haproxy.cfg', 'no\n'],
      ['services.map', ''],
      ['closed.map', 'closed.map 14\n'],
    ]),
  )
  expect(readInstalled('')).toBeUndefined()
  expect(readInstalled('../x.cfg 3\nno\n')).toBeUndefined()
})

test('the states of servers are among the files, as the script that prints them has it', () => {
  expect(readInstalled('haproxy.cfg 3\nno\nservices.map 0\nservers.state 2\n1\n')).toEqual(
    new Map([
      ['haproxy.cfg', 'no\n'],
      ['services.map', ''],
      ['servers.state', '1\n'],
    ]),
  )
})

test('the master is the process that no other one started', () => {
  const output =
    '12 10 Max open files 1024 524288 files\n10 1 Max open files 1024 4096 files\n13 10\nulimit 100\n'

  expect(readProcesses(output)).toEqual({
    isRunning: true,
    restarts: 0,
    master: 10,
    workers: [12, 13],
    descriptorLimit: 4096,
  })
})

test('a unit gets no more files than systemd may give, as in a container', () => {
  const unit = ['unit', 'most Max open files 1024 20000 files', 'MainPID=0', 'LimitNOFILE=200000']

  expect(readProcesses(`${unit.join('\n')}\n`).descriptorLimit).toBe(20_000)
  expect(readProcesses('unit\nmost\nMainPID=0\nLimitNOFILE=infinity\n').descriptorLimit).toBeUndefined()
})

test('a unit says whether it runs and how often it was started again', () => {
  const unit = [
    'unit',
    'NRestarts=3',
    'LimitNOFILE=200000',
    'MainPID=0',
    'Result=exit-code',
    'ActiveState=failed',
  ]

  expect(readProcesses(`ulimit unlimited\n${unit.join('\n')}\n`)).toEqual({
    isRunning: false,
    restarts: 3,
    lastExit: 'exit-code',
    master: undefined,
    workers: [],
    descriptorLimit: 200_000,
  })
  expect(readProcesses('ulimit unlimited\n').descriptorLimit).toBeUndefined()
})

test('certificates are told apart, and what HAProxy says is shown without its prefix', () => {
  const hash = 'a'.repeat(64)
  const output = [
    `usable ${hash} b.pem`,
    `expired ${hash} a.pem`,
    'broken - c\u001b.pem\tHAProxy does not take it: [ALERT]    (12) : no private key',
    'usable ../x d.pem',
  ].join('\n')

  expect(readCertificates(output, '/etc/yard/certificates', '/var/lib/yard/haproxy')).toEqual({
    usable: [
      {name: 'a.pem', path: `/var/lib/yard/haproxy/certificates/${hash}.pem`},
      {name: 'b.pem', path: `/var/lib/yard/haproxy/certificates/${hash}.pem`},
    ],
    broken: [
      'certificate "a.pem" is expired, and is shown all the same',
      'certificate "c\\u001b.pem": HAProxy does not take it: no private key',
    ],
  })
  expect(readCertificates('absent\n', '/x', '/y').broken).toEqual(['"/x": it is not there'])
})
