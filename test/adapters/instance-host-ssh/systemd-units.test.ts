import {afterEach, beforeAll, expect, test} from '@jest/globals'

import {type Debian, describeOnDebian, spec, Started} from './debian.js'

const web = 'billing-r1@web-1'
const worker = 'billing-r1.worker@web-1'

describeOnDebian('units of instances on a real Debian', (ready) => {
  let debian: Debian
  let started: Started

  beforeAll(() => {
    debian = ready()
    debian.release('billing', 1)
    started = new Started(debian)
  })
  afterEach(() => started.endAll())

  test('its unit confines it, and says whose it is', async () => {
    await started.start(
      spec(web, 'echo hello; exec sleep 1000', {
        port: 8101,
        limits: {memoryBytes: 123_456_512, tasks: 77},
        graceMillis: 12_345,
      }),
    )
    expect(
      await debian.unit(
        web,
        ...[
          'User',
          'NoNewPrivileges',
          'ProtectSystem',
          'PrivateTmp',
          'MemoryMax',
          'TasksMax',
          'Restart',
          'TimeoutStopUSec',
        ],
        ...[
          'KillMode',
          'CapabilityBoundingSet',
          'SyslogIdentifier',
          'LogExtraFields',
          'UnitFileState',
          'Environment',
        ],
      ),
    ).toEqual({
      User: 'yard-billing',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      PrivateTmp: 'yes',
      MemoryMax: '123456512',
      TasksMax: '77',
      Restart: 'on-failure',
      TimeoutStopUSec: '12.345000s',
      KillMode: 'control-group',
      CapabilityBoundingSet: '',
      SyslogIdentifier: 'billing',
      LogExtraFields:
        'YARD_SERVICE=billing YARD_RELEASE=billing-r1 YARD_INSTANCE=billing-r1@web-1 YARD_ENVIRONMENT=staging',
      UnitFileState: 'enabled',
      Environment: '',
    })
    expect(
      await debian.machine.run(
        'sh',
        '-c',
        'systemd-analyze verify /etc/systemd/system/yard-billing-r1.service 2>&1',
      ),
    ).toBe('')
    await started.lines(web, 1)
    const entry = await debian.machine.run('journalctl', '--output=json', '--lines=1', `YARD_INSTANCE=${web}`)
    expect(JSON.parse(entry)).toMatchObject({
      YARD_SERVICE: 'billing',
      YARD_RELEASE: 'billing-r1',
      YARD_ENVIRONMENT: 'staging',
    })
  })

  test('it can write nowhere but in the directory of its service, and sees no process of others', async () => {
    const tries = [
      '/srv/yard/billing/releases/r1/x',
      '/etc/x',
      '/var/lib/yard/x',
      '/run/yard-host/x',
      '/usr/x',
    ]
    const line = `${tries.map((each) => `touch ${each} 2>/dev/null && echo ${each};`).join('')} touch "$HOME/y" && echo home; ls -d /proc/1 2>/dev/null; sudo -n id 2>/dev/null; exec sleep 1000`
    await started.start(spec(worker, line))
    expect(await started.lines(worker, 1)).toEqual(['home'])
  })

  test('a release that is not there is not started', async () => {
    await expect(started.start(spec('billing-r9@web-1', 'true'))).rejects.toMatchObject({
      code: 'E_STEP_FAILED',
      why: 'billing-r9 is not there',
    })
  })
})
