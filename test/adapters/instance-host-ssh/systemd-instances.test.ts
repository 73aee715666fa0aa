import {existsSync, readFileSync} from 'node:fs'

import {afterEach, beforeAll, expect, test} from '@jest/globals'

import {type Debian, describeOnDebian, fence, server, spec, Started, until} from './debian.js'

const web = 'billing-r1@web-1'
const worker = 'billing-r1.worker@web-1'
const grace = 1_500

describeOnDebian('instances under the systemd of a real Debian', (ready) => {
  let debian: Debian
  let started: Started

  beforeAll(() => {
    debian = ready()
    debian.release('billing', 1, {'server.txt': 'one'})
    debian.release('billing', 2)
    started = new Started(debian)
  })
  afterEach(() => started.endAll())

  test('a web process and a worker run as the user of the service, in the release, and are told of', async () => {
    await started.start(
      spec(web, server('one'), {port: 8101, variables: {PORT: '8101'}}),
      spec(
        worker,
        'id -un; pwd; cat server.txt; echo; echo "$HOME"; touch "$HOME/mine" && echo wrote; exec sleep 1000',
      ),
    )
    await started.untilOwned(web, 8101)
    expect(await debian.fetch(8101)).toBe('one')
    expect(await started.instances.ownsPort(worker, 8101)).toBeUndefined()
    const found = await started.status(worker)
    expect(found).toMatchObject({running: 'running', restarts: 0})
    expect(found?.lastExit).toBeUndefined()
    expect(Math.abs(Date.parse(found!.since) - Date.now())).toBeLessThan(10_000)
    expect(await debian.machine.run('ps', '-o', 'user:20=', '-p', String(found!.pid))).toBe('yard-billing\n')
    const lines = await started.lines(worker, 5)
    const home = '/var/lib/yard-services/billing'
    expect(lines).toEqual(['yard-billing', '/srv/yard/billing/releases/r1', 'one', home, 'wrote'])
    expect(await started.instances.lastLines(worker, 2)).toEqual(lines.slice(-2))
  })

  test('two releases run side by side, each with its port and its lines', async () => {
    const next = 'billing-r2@web-1'
    await started.start(spec(web, server('one'), {port: 8101, variables: {PORT: '8101'}}))
    await started.start(spec(next, server('two'), {port: 8102, variables: {PORT: '8102'}}))
    await started.untilOwned(web, 8101)
    await started.untilOwned(next, 8102)
    expect(await debian.fetch(8101)).toBe('one')
    expect(await debian.fetch(8102)).toBe('two')
    expect([...(await started.stop(web))]).toEqual([[web, 'terminated']])
    await until('the other alone', async () => ((await started.status(web)) === undefined ? true : undefined))
    expect((await started.status(next))?.running).toBe('running')
  })

  test('starting it twice starts it once', async () => {
    await started.start(spec(worker, 'exec sleep 1000'))
    const first = await started.status(worker)
    await started.start(spec(worker, 'exec sleep 2000'))
    expect(await started.status(worker)).toMatchObject({pid: first!.pid, restarts: 0})
  })

  test('stopping it twice ends it once, and leaves no file of it behind', async () => {
    const before = await files()
    await started.start(spec(worker, 'exec sleep 1000'))
    expect(await files()).not.toEqual(before)
    expect([...(await started.stop(worker))]).toEqual([[worker, 'terminated']])
    expect([...(await started.stop(worker))]).toEqual([[worker, 'not-running']])
    expect(await files()).toEqual(before)
    expect((await debian.unit(worker, 'LoadState'))['LoadState']).toBe('not-found')
  })

  test('one that ignores SIGTERM has its grace time, is killed with all that it started, and that is told', async () => {
    await started.start(
      spec(worker, `trap '' TERM; sleep 1234 & while :; do sleep 0.1; done`, {graceMillis: 60_000}),
    )
    const pid = (await started.status(worker))!.pid!
    const killed: string[] = []
    const began = Date.now()
    await started.instances.stop({
      fence: fence(1),
      ids: [worker],
      graceMillis: grace,
      onKilled: (id) => killed.push(id),
    })
    expect(Date.now() - began).toBeGreaterThanOrEqual(grace)
    expect(Date.now() - began).toBeLessThan(grace + 8_000)
    expect(killed).toEqual([worker])
    expect(
      await debian.machine.run('sh', '-c', `ps -p ${pid} -o pid=; pgrep -f "[s]leep 1234" || echo none`),
    ).toBe('none\n')
  })

  test('one that ends its work within the grace time is not killed', async () => {
    await started.start(spec(worker, `trap 'sleep 0.5; echo done; exit 0' TERM; while :; do sleep 0.1; done`))
    expect([...(await started.stop(worker, 5_000))]).toEqual([[worker, 'terminated']])
    expect((await started.instances.lastLines(worker, 1)).at(-1)).toBe('done')
  })

  test('one that crashes after two seconds is started again after a pause, and how it ended is told', async () => {
    await started.start(spec(worker, 'echo begin; sleep 2; echo out of luck >&2; exit 7'))
    expect(await started.status(worker)).toMatchObject({running: 'running', restarts: 0})
    const waiting = await started.statusWhen('it waits', worker, ({running}) => running === 'backing-off')
    expect(waiting).toMatchObject({lastExit: 'exit 7'})
    const again = await started.statusWhen(
      'it runs again',
      worker,
      ({restarts, running}) => running === 'running' && restarts === 1,
    )
    expect(again).toMatchObject({lastExit: 'exit 7'})
    expect((await started.lines(worker, 3)).slice(0, 3)).toEqual(['begin', 'out of luck', 'begin'])
    // It can be ended while it waits, too.
    await started.statusWhen('it waits again', worker, ({running}) => running === 'backing-off')
    await started.stop(worker)
    await until('it is gone', async () => ((await started.status(worker)) === undefined ? true : undefined))
  })

  test('one that ends as if all were well is started again as well, also when somebody asked it to', async () => {
    await started.start(spec(worker, 'sleep 1; exit 0'), spec('billing-r2.worker@web-1', 'exec sleep 1000'))
    await debian.machine.run('kill', '-TERM', String((await started.status('billing-r2.worker@web-1'))!.pid))
    for (const [id, lastExit] of [
      [worker, 'exit 0'],
      ['billing-r2.worker@web-1', 'SIGTERM'],
    ] as const) {
      const again = await started.statusWhen('it runs again', id, ({restarts}) => restarts === 1)
      expect(again.lastExit).toBe(lastExit)
    }
  })

  test('one that was killed says by which signal', async () => {
    await started.start(spec(worker, 'exec sleep 1000'))
    await debian.machine.run('kill', '-SEGV', String((await started.status(worker))!.pid))
    const fallen = await started.statusWhen('it fell', worker, ({lastExit}) => lastExit !== undefined)
    expect(fallen).toMatchObject({lastExit: 'SIGSEGV'})
  })

  const limited = memoryControllerMissing()
  const testLimits = limited === undefined ? test : test.skip
  testLimits(
    `one that takes more memory than it may is ended, and that is told${limited ?? ''}`,
    async () => {
      const line = `exec /usr/local/bin/node -e 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))'`
      await started.start(spec(worker, line, {limits: {memoryBytes: 100_000_000}}))
      const found = await started.statusWhen('it fell', worker, ({lastExit}) => lastExit !== undefined)
      expect(found.lastExit).toBe('SIGKILL, it took more memory than it may')
    },
  )

  test('a port that another process has is not its own, and no port is nobody’s', async () => {
    await debian.machine.run(
      'systemd-run',
      '--quiet',
      '--collect',
      '--unit=squatter',
      '/usr/local/bin/node',
      '-e',
      'require("net").createServer().listen(8103, "127.0.0.1")',
    )
    await started.start(
      spec(web, 'exec sleep 1000', {port: 8103}),
      spec('billing-r1.web.2@web-1', 'exec sleep 1000', {port: 8104}),
    )
    await until('it is told', async () =>
      (
        await debian.machine.run('sh', '-c', 'grep -ci ":1FA7 00000000:0000 0A" /proc/net/tcp || true')
      ).trim() === '1'
        ? true
        : undefined,
    )
    expect(await started.instances.ownsPort(web, 8103)).toBe(false)
    expect(await started.instances.ownsPort('billing-r1.web.2@web-1', 8104)).toBe(false)
    await debian.machine.run('systemctl', 'stop', 'squatter')
  })

  test('the child that listens for a shell counts as the instance', async () => {
    await started.start(
      spec(web, `${server('one').replace('exec ', '')} & wait`, {port: 8101, variables: {PORT: '8101'}}),
    )
    await started.untilOwned(web, 8101)
  })

  function files(): Promise<string> {
    return debian.machine.run('sh', '-c', 'find /etc/systemd/system /var/lib/yard-host /run/yard-host | sort')
  }
})

/** systemd sets limits in the cgroups of version 2 that the machine here gives it. */
function memoryControllerMissing(): string | undefined {
  const files = ['/sys/fs/cgroup/cgroup.controllers', '/sys/fs/cgroup/unified/cgroup.controllers']
  const found = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'))
  return found.some((each) => each.split(/\s/).includes('memory'))
    ? undefined
    : ' (skipped: this machine limits memory by cgroups of version 1)'
}
