import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {networkInterfaces} from 'node:os'
import path from 'node:path'

import {afterAll, afterEach, beforeAll, describe, expect, test} from '@jest/globals'

import {descendants, NspawnFleet, processRows} from '../../src/adapters/fleet-nspawn/index.js'
import {type FleetDownReport} from '../../src/lifecycle/fleet/down.js'
import {type FleetStatusReport} from '../../src/lifecycle/fleet/status.js'
import {type FleetUpReport} from '../../src/lifecycle/fleet/up.js'
import {fleetMissing, machineSettings} from '../support/practice-fleet/missing.js'
import {packageRoot, Sandbox} from './support/sandbox.js'

const missing = fleetMissing()
const where = missing === undefined ? describe : describe.skip

/** Between one change and the next of `yard fleet up`. */
const moments = ['keys', 'remembered', 'network', 'connected', 'disk', 'wire', 'power', 'up', 'registered']
const downMoments = ['ended', 'hosts-removed', 'unregistered']

where(`yard fleet${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let sandbox: Sandbox
  let fleet: NspawnFleet
  let before: string[]

  beforeAll(() => {
    sandbox = new Sandbox()
    sandbox.variables['XDG_CACHE_HOME'] = path.dirname(machineSettings().cache)
    fleet = new NspawnFleet({...machineSettings(), directory: path.join(sandbox.state, 'fleet')})
    before = traces()
  })
  afterEach(() => sandbox.mustRun(['fleet', 'down']))
  afterAll(() => sandbox.dispose())

  const up = (hosts: number) => sandbox.json<FleetUpReport>(['fleet', 'up', '--hosts', String(hosts)])
  const down = () => sandbox.json<FleetDownReport>(['fleet', 'down'])
  const catalogText = async () => (await sandbox.mustRun(['catalog', 'export'])).stdout
  const status = () => sandbox.json<FleetStatusReport>(['fleet', 'status'])
  const states = async () => (await status()).hosts.map(({state}) => state)
  const nameOn = ({address}: {address: string}) => {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'BatchMode=yes',
    ]
    const identity = path.join(sandbox.state, 'fleet', 'id_ed25519')
    const words = ['-F', 'none', '-i', identity, ...options.flatMap((option) => ['-o', option])]
    return execFileSync('ssh', [...words, `root@${address}`, 'hostname'], {
      encoding: 'utf8',
      timeout: 20_000,
    }).trim()
  }
  /** What the machine has besides what it had before. */
  const traces = () => [
    ...processRows()
      .filter(({args}) => args.some((word) => word.includes(`yard-fleet:${fleet.id}:`)))
      .map(({args}) => args.join(' ')),
    ...Object.keys(networkInterfaces()).filter((name) => name === fleet.interfaceName),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(sandbox.home) || line.includes('/debian-bookworm-')),
    ...(existsSync('/run/netns') ? readdirSync('/run/netns').filter((name) => name.includes(fleet.id)) : []),
    ...['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']
      .filter((directory) => existsSync(directory))
      .flatMap((directory) =>
        readdirSync(directory).filter((name) => name.includes(`yard-fleet-${fleet.id}`)),
      ),
    ...(existsSync(path.join(sandbox.state, 'fleet')) ? ['its files'] : []),
  ]

  test('up starts hosts that take logins and are in the catalog; down leaves nothing', async () => {
    const report = await up(2)
    expect(report).toMatchObject({
      environment: 'practice',
      started: ['fleet-1', 'fleet-2'],
      hosts: [
        {name: 'fleet-1', state: 'running', systemd: 'running', isSetUp: false},
        {name: 'fleet-2', state: 'running', systemd: 'running', isSetUp: false},
      ],
    })
    expect(report.hosts.map(nameOn)).toEqual(['fleet-1', 'fleet-2'])
    const listed = await sandbox.json<{name: string; address: string}[]>([
      'hosts',
      'list',
      '--env',
      'practice',
    ])
    expect(listed.map(({address}) => address)).toEqual(report.hosts.map(({address}) => address))
    expect(traces()).not.toEqual(before)

    expect(await down()).toEqual({
      ...{dryRun: false, environment: 'practice', ended: ['fleet-1', 'fleet-2']},
      forgotten: {instances: 0, deploys: 0},
    })
    expect(traces()).toEqual(before)
    expect(await sandbox.json<{name: string}[]>(['environments', 'list'])).toMatchObject([{name: 'local'}])
    expect(await down()).toEqual({dryRun: false, ended: []})
  })

  test('again leaves alone what runs, and adds what is missing', async () => {
    await up(1)
    const leader = fleet.inside('fleet-1').leader()
    const exported = await catalogText()
    expect(await up(1)).toMatchObject({started: []})
    expect(await catalogText()).toBe(exported)
    expect(await up(2)).toMatchObject({started: ['fleet-2']})
    expect(fleet.inside('fleet-1').leader()).toBe(leader)
    expect(await up(1)).toMatchObject({started: [], hosts: [{name: 'fleet-1'}, {name: 'fleet-2'}]})
  })

  test.each(moments)('killed at the moment "%s", the next one ends well, and down does', async (moment) => {
    const killed = await sandbox.yard(['fleet', 'up', '--hosts', '2'], {
      env: {YARD_FAILPOINT: `fleet-up:${moment}:kill`},
    })
    expect(killed.signal).toBe('SIGKILL')
    const report = await up(2)
    expect(report.hosts.map(nameOn)).toEqual(['fleet-1', 'fleet-2'])
    expect(await states()).toEqual(['running', 'running'])

    await down()
    expect(traces()).toEqual(before)
  })

  test.each(moments)('killed at the moment "%s", down leaves nothing', async (moment) => {
    const killed = await sandbox.yard(['fleet', 'up', '--hosts', '1'], {
      env: {YARD_FAILPOINT: `fleet-up:${moment}:kill`},
    })
    expect(killed.signal).toBe('SIGKILL')
    await down()
    expect(traces()).toEqual(before)
  })

  test('killed after any time at all, the next one ends well', async () => {
    for (const millis of [150, 300, 450, 600, 900]) {
      const child = spawn(
        process.execPath,
        [path.join(packageRoot, 'bin/run.js'), 'fleet', 'up', '--hosts', '2'],
        {
          env: sandbox.env,
          stdio: 'ignore',
        },
      )
      const timer = setTimeout(() => child.kill('SIGKILL'), millis)
      await once(child, 'close')
      clearTimeout(timer)
      if (millis % 300 === 0) await down()
      expect((await up(2)).hosts.map(nameOn)).toEqual(['fleet-1', 'fleet-2'])
      await down()
      expect(traces()).toEqual(before)
    }
  })

  test.each(downMoments)(
    'a down that was killed at the moment "%s" is finished by the next',
    async (moment) => {
      await up(1)
      const killed = await sandbox.yard(['fleet', 'down'], {
        env: {YARD_FAILPOINT: `fleet-down:${moment}:kill`},
      })
      expect(killed.signal).toBe('SIGKILL')
      expect(await down()).toMatchObject({environment: 'practice'})
      expect(traces()).toEqual(before)
      expect(await sandbox.json<{name: string}[]>(['environments', 'list'])).toMatchObject([{name: 'local'}])
    },
  )

  test('a network, a host, its power or a wire that is gone is made anew, and nothing else', async () => {
    await up(2)
    const other = fleet.inside('fleet-2').leader()
    const {holder, power, switchPid} = fleet.holders('fleet-1')
    const mend: [string, () => void, string[]][] = [
      [
        'power',
        () => [power!, ...descendants(processRows(), power!).map(({pid}) => pid)].forEach(kill),
        ['fleet-1'],
      ],
      ['host', () => kill(holder!), ['fleet-1']],
      ['network', () => kill(switchPid!), []],
      ['interface', () => void execFileSync('ip', ['link', 'del', fleet.interfaceName]), []],
    ]
    for (const [what, breakIt, started] of mend) {
      breakIt()
      const report = await up(2)
      expect([what, report.started, report.hosts.map(nameOn)]).toEqual([
        what,
        started,
        ['fleet-1', 'fleet-2'],
      ])
      expect(fleet.inside('fleet-2').leader()).toBe(other)
    }
  })

  test('status tells what does not run', async () => {
    await up(2)
    const {power} = fleet.holders('fleet-1')
    for (const pid of [power!, ...descendants(processRows(), power!).map(({pid: each}) => each)]) kill(pid)
    kill(fleet.holders('fleet-2').holder!)
    while ((await states()).includes('running')) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await states()).toEqual(['off', 'gone'])
    const {stdout} = await sandbox.mustRun(['fleet', 'status'])
    expect(stdout).toContain('yard fleet up --env practice')
  })

  test('two at once end as one', async () => {
    const reports = await Promise.all([up(2), up(2), up(1)])
    for (const report of reports) expect(report.hosts.map(({state}) => state)).toContain('running')
    expect(await states()).toEqual(['running', 'running'])
    const holders = processRows().filter(
      ({args}) => args[0] === 'sh' && args[3]?.endsWith(':holding') === true,
    )
    const ours = holders.filter(({args}) => args[3]!.includes(fleet.id))
    expect(ours).toHaveLength(3)
  })

  test('Ctrl-C ends it in good order', async () => {
    const ended = await sandbox.yard(['fleet', 'up', '--hosts', '2'], {
      whileRunning: (child) => {
        const timer = setInterval(() => {
          if (fleet.holders('fleet-1').power === undefined) return
          clearInterval(timer)
          child.kill('SIGINT')
        }, 5)
        child.once('exit', () => clearInterval(timer))
      },
    })
    expect([ended.code, ended.stderr]).toEqual([130, expect.stringContaining('Stopped before the end')])
    expect((await up(2)).hosts.map(nameOn)).toEqual(['fleet-1', 'fleet-2'])
  })

  test('another fleet of this machine has other addresses, and stays', async () => {
    const other = new Sandbox()
    try {
      other.variables['XDG_CACHE_HOME'] = sandbox.variables['XDG_CACHE_HOME']!
      const mine = await up(1)
      const theirs = await other.json<FleetUpReport>(['fleet', 'up', '--hosts', '1'])
      expect(theirs.hosts[0]!.address).not.toBe(mine.hosts[0]!.address)
      await other.mustRun(['fleet', 'down'])
      expect(mine.hosts.map(nameOn)).toEqual(['fleet-1'])
    } finally {
      await other.yard(['fleet', 'down'])
      await other.dispose()
    }
  })

  test('only this user may read its keys', async () => {
    await up(1)
    const files = execFileSync('find', [path.join(sandbox.state, 'fleet'), '-type', 'f', '-perm', '/077'])
    expect(files.toString()).toBe('')
  })
})

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
