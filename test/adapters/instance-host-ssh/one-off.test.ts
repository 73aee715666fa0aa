import {beforeAll, expect, test} from '@jest/globals'

import {type HostInstances} from '../../../src/adapters/instance-host-ssh/instances.js'
import {Secret} from '../../../src/domain/secret.js'
import {type Debian, describeOnDebian, fence, spec, until} from './debian.js'

const id = 'billing-r1.release@web-1'

describeOnDebian('a process that runs to its end on a real Debian', (ready) => {
  let debian: Debian
  let instances: HostInstances

  beforeAll(async () => {
    debian = ready()
    debian.release('billing', 1, {'server.txt': 'one'})
    instances = debian.instances()
  })

  function run(line: string, more: Partial<Parameters<HostInstances['runOnce']>[0]> = {}) {
    const instance = spec(id, line, {
      variables: {PLAIN: "it's"},
      secrets: async () => ({TOKEN: new Secret('tok-en')}),
    })
    return instances.runOnce({instance, deadlineMillis: 20_000, ...more})
  }

  test('has the directory, the user, the variables and the secrets of the release, and its lines come as it writes them', async () => {
    const lines: string[] = []
    const result = await run('id -un; pwd; cat server.txt; echo; echo "$PLAIN $TOKEN"; echo bad >&2', {
      onLine: (line) => lines.push(line),
      fence: fence(1),
    })
    const said = ['yard-billing', '/srv/yard/billing/releases/r1', 'one', "it's tok-en", 'bad']
    expect(result).toEqual({outcome: 'succeeded', exitCode: 0, lastLines: said})
    expect(lines).toEqual(said)
  })

  test.each([
    ['exit 3', {outcome: 'failed', exitCode: 3}],
    ['exit 255', {outcome: 'failed', exitCode: 255}],
    ['no-such-program', {outcome: 'not-found', exitCode: 127}],
    ['kill -KILL $$', {outcome: 'failed', signal: 'SIGKILL'}],
    ['kill -TERM $$', {outcome: 'failed', signal: 'SIGTERM'}],
    ['kill -SEGV $$', {outcome: 'failed', signal: 'SIGSEGV'}],
  ])('passes on how it ended: %s', async (line, end) => {
    const result = await run(line)
    expect(result).toMatchObject(end)
    expect(Object.hasOwn(result, 'exitCode')).toBe(Object.hasOwn(end, 'exitCode'))
  })

  test.each([
    ['a part of it is killed', `sh -c 'kill -KILL $$'`, {outcome: 'failed', exitCode: 137}],
    ['it gets no more memory', `ulimit -v 60000; exec perl -e '$all = "a" x 300000000'`, {outcome: 'failed'}],
  ])('D8 is a failure when %s', async (_when, line, end) => {
    expect(await run(line)).toMatchObject(end)
  })

  test('is ended when its time is over', async () => {
    const began = Date.now()
    expect(await run('echo begun; exec sleep 1000', {deadlineMillis: 1_000})).toMatchObject({
      outcome: 'timed-out',
      lastLines: ['begun'],
    })
    expect(Date.now() - began).toBeLessThan(10_000)
  })

  test('is ended when it is wanted no more, also just after it was asked for', async () => {
    for (const waits of [true, false]) {
      const abort = new AbortController()
      const ended = run('echo begun; exec sleep 1000', {
        signal: abort.signal,
        onLine: () => (waits ? abort.abort() : undefined),
      })
      if (!waits) setImmediate(() => abort.abort())
      expect((await ended).outcome).toBe('aborted')
      await until('nothing is left', async () => ((await units()) === '' ? true : undefined))
    }
  })

  test('is ended when the connection breaks', async () => {
    const other = debian.instances()
    let hasBegun = false
    const ended = other
      .runOnce({
        instance: spec(id, 'echo begun; exec sleep 1000'),
        deadlineMillis: 60_000,
        onLine: () => (hasBegun = true),
      })
      .catch((error: unknown) => error)
    await until('it runs', async () => (hasBegun ? true : undefined))
    await debian.cut()
    expect(await ended).toMatchObject({code: 'E_HOST_UNREACHABLE'})
    await until('nothing is left', async () => ((await units()) === '' ? true : undefined))
    instances = debian.instances()
  })

  test('several run at once, and nothing of any of them stays', async () => {
    const results = await Promise.all([1, 2, 3, 4].map((number) => run(`echo ${number}; exit ${number}`)))
    expect(results.map(({exitCode, lastLines}) => [exitCode, lastLines])).toEqual(
      [1, 2, 3, 4].map((each) => [each, [String(each)]]),
    )
    expect(await units()).toBe('')
    expect(await debian.machine.run('sh', '-c', 'ls /run/yard-host')).toBe('')
  })

  test('writes as much as it likes, of which the last is kept', async () => {
    let count = 0
    const result = await run('seq 1 200000', {onLine: () => (count += 1)})
    expect(count).toBe(200_000)
    expect(result.lastLines.at(-1)).toBe('200000')
    expect(result.lastLines.join('\n').length).toBeLessThan(80_000)
  })

  test('is not one of the instances of the host', async () => {
    let found: number | undefined
    await run('echo; sleep 1', {
      onLine: () => void instances.statuses([id]).then((all) => (found = all.size)),
    })
    expect(found).toBe(0)
  })

  async function units(): Promise<string> {
    return (
      await debian.machine.run('systemctl', 'list-units', '--all', '--plain', '--no-legend', 'yard-*.service')
    ).trim()
  }
})
