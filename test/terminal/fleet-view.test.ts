import {expect, test} from '@jest/globals'

import {fleetDownView, fleetStatusView, fleetUpView} from '../../src/terminal/fleet-view.js'

const one = {
  name: 'fleet-1',
  address: '10.213.7.11',
  state: 'running' as const,
  systemd: 'running',
  sshKey: 'ssh-ed25519 AAAA',
  isSetUp: false,
}
const two = {...one, name: 'fleet-2', address: '10.213.7.12', isSetUp: true}

test('up shows the hosts, and what comes next for those that are bare', () => {
  const report = {environment: 'practice', dryRun: false, started: ['fleet-1'], hosts: [one, two]}
  expect(fleetUpView(report)).toBe(
    [
      '✓ The practice fleet practice is up: 2 hosts',
      '',
      'HOST     ADDRESS      STATE    SYSTEMD  SET UP',
      'fleet-1  10.213.7.11  running  running  no',
      'fleet-2  10.213.7.12  running  running  yes',
      '',
      'Next: yard host setup fleet-1 --env practice',
      '      yard deploy --env practice   # in the repository of a service',
      '      yard fleet down   # ends all of it',
    ].join('\n'),
  )
  expect(fleetUpView({...report, started: [], hosts: [one]})).toContain('runs already: 1 host\n')
  expect(fleetUpView({...report, dryRun: true})).toContain('Would start fleet-1 as the environment practice')
  const many = Array.from({length: 5}, (_, index) => ({...one, name: `fleet-${index + 1}`}))
  expect(fleetUpView({...report, hosts: many})).toContain('Next: yard host setup --all --env practice')
})

test('status says how to log in, and how to start what does not run', () => {
  expect(fleetStatusView({hosts: []})).toBe(
    'There is no practice fleet on this machine. Start one: yard fleet up --hosts 3',
  )
  const {systemd, ...silent} = one
  expect(systemd).toBe('running')
  const report = {
    environment: 'practice',
    identityFile: '/state/id',
    hosts: [{...silent, state: 'off' as const}],
  }
  expect(fleetStatusView(report)).toContain('log in  ssh -i /state/id root@10.213.7.11')
  expect(fleetStatusView(report)).toContain('fleet-1  10.213.7.11  off    -        no')
  expect(fleetStatusView(report)).toContain('yard fleet up --env practice')
  expect(fleetStatusView({...report, hosts: [one]})).not.toContain('Next:')
})

test('systemd can do nothing to the terminal', () => {
  const evil = {...one, systemd: 'up\u001b[2J'}
  expect(fleetStatusView({environment: 'practice', identityFile: '/id', hosts: [evil]})).not.toContain(
    '\u001b',
  )
})

test('down says what ended, and what the catalog keeps', () => {
  const report = {dryRun: false, environment: 'practice', ended: ['fleet-1']}
  expect(fleetDownView(report)).toBe(
    '✓ Ended fleet-1; nothing of the practice fleet is left on this machine.',
  )
  const forgotten = {instances: 4, deploys: 1}
  expect(fleetDownView({...report, forgotten})).toContain(
    'is left on this machine, and the catalog forgot 4 instances and 1 deploy in practice.',
  )
  expect(fleetDownView({...report, forgotten, dryRun: true})).toContain(
    'Would end fleet-1 with their disks, and forget 4 instances and 1 deploy in practice\n',
  )
  expect(fleetDownView({...report, kept: '1 instance (billing-r1@fleet-1)'})).toContain(
    '! The catalog still has the environment practice with 1 instance (billing-r1@fleet-1)',
  )
  expect(fleetDownView({dryRun: false, ended: []})).toBe('Nothing of a practice fleet runs on this machine.')
  expect(fleetDownView({...report, dryRun: true})).toContain('Would end fleet-1 with their disks')
})
