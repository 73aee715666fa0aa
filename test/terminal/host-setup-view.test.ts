import {expect, test} from '@jest/globals'

import {type HostSetupReport, type SetUpHost} from '../../src/lifecycle/host-setup/needs.js'
import {hostSetupView} from '../../src/terminal/host-setup-view.js'

const web1: SetUpHost = {
  host: 'web-1',
  address: '10.0.0.11',
  login: 'root',
  outcome: 'ready',
  changes: [
    {subject: 'user yard', found: "isn't there", command: 'useradd yard'},
    {subject: '/srv/yard', found: 'has the mode 0777, not 0755', command: 'install -d /srv/yard'},
  ],
  machine: {
    system: 'Debian\u001b[2J',
    architecture: 'x86_64',
    systemd: 252,
    haproxy: '2.6.12',
    freeBytes: 11_200_000_000,
    clockAheadMillis: 1_500,
    isTimeSynchronised: true,
    isJournalKept: true,
  },
  remarks: ['its journal\u001b is gone'],
  pinnedKeys: ['ssh-ed25519 AAAA'],
}
const same: SetUpHost = {...web1, outcome: 'unchanged', changes: [], remarks: []}
const report: HostSetupReport = {environment: 'staging', mode: 'apply', hosts: [web1]}

function text(changes: Partial<HostSetupReport>): string[] {
  return hostSetupView({...report, ...changes}).split('\n')
}

test('says that a host is ready, what it is, what was done and what comes next', () => {
  expect(text({})).toEqual([
    '✓ web-1 in staging is ready for releases',
    '  Debian\\x1b[2J, x86_64, systemd 252, HAProxy 2.6.12, 11.2 GB free, clock 1.5 s off, time kept in sync',
    '  ! its journal\\x1b is gone',
    '  its SSH key is pinned in the catalog now: ssh-ed25519 AAAA',
    '',
    'WHAT       FOUND                        DONE',
    "user yard  isn't there                  useradd yard",
    '/srv/yard  has the mode 0777, not 0755  install -d /srv/yard',
    '',
    'Next: yard deploy --env staging',
  ])
})

test('the second time it says that nothing changed', () => {
  const lines = text({hosts: [{...same, pinnedKeys: []}]})

  expect(lines[0]).toBe('✓ web-1 in staging was ready already: nothing changed')
  expect(lines.join()).not.toContain('WHAT')
  expect(text({hosts: [same], mode: 'check'})[0]).toBe('✓ web-1 in staging is ready: nothing differs')
})

test('a check shows the differences, a dry run what would be done, and both that nothing was', () => {
  const hosts: SetUpHost[] = [{...web1, outcome: 'differs', pinnedKeys: []}]

  expect(text({mode: 'check', hosts})).toEqual([
    '✗ web-1 in staging: 2 differences',
    ...text({}).slice(1, 3),
    '',
    'WHAT       FOUND',
    "user yard  isn't there",
    '/srv/yard  has the mode 0777, not 0755',
    '',
    'Nothing was changed.',
  ])
  const planned = text({mode: 'plan', hosts})
  expect(planned[0]).toBe('Would set up web-1 in staging')
  expect(planned[4]).toBe('WHAT       FOUND                        WOULD DO')
  expect(planned.at(-1)).toBe('Nothing was changed.')
})

test('of several, those that are not ready say why and what to do', () => {
  const problem = {
    code: 'E_HOST_SETUP',
    what: "Can't make web-2 ready",
    why: 'it\u001b is off',
    next: ['ssh web-2'],
  }
  const failed: SetUpHost = {...same, host: 'web-2', outcome: 'failed', problem, pinnedKeys: []}
  delete failed.machine

  const lines = text({hosts: [same, failed], code: 'E_HOST_SETUP'})

  expect(lines.slice(-6)).toEqual([
    '',
    "✗ Can't make web-2 ready",
    '  it\\x1b is off (E_HOST_SETUP)',
    '    ssh web-2',
    '',
    '✗ 1 of 2 hosts of staging is ready for releases',
  ])
  expect(text({hosts: [same, {...same, host: 'web-2'}]}).slice(-2)).toEqual([
    '✓ 2 hosts of staging are ready for releases',
    'Next: yard deploy --env staging',
  ])
})

test('of hosts with the same differences one is shown in full', () => {
  const changes = [...web1.changes, {subject: 'catalog', found: "isn't for web-1", command: 'write web-1'}]
  const again = (host: string) =>
    JSON.parse(JSON.stringify(changes).replaceAll('web-1', host)) as typeof changes
  const hosts = [
    {...web1, changes},
    {...web1, host: 'web-2', changes: again('web-2')},
    {...web1, host: 'web-3', changes: again('web-3').slice(1)},
  ]

  const lines = text({hosts}).join('\n').split('\n\n')

  expect(lines.filter((part) => part.startsWith('WHAT'))).toHaveLength(2)
  expect(lines[2]).toMatch(/web-2 in staging is ready[^]*\n {2}the same 3 things were put right as on web-1$/)
  expect(text({mode: 'check', hosts}).join('\n')).toContain('the same 3 things differ as on web-1')
})
