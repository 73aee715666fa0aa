import {afterEach, beforeAll, expect, test} from '@jest/globals'

import {type Debian, describeOnDebian, server, spec, Started, until} from './debian.js'

const web = 'billing-r1@web-1'
const worker = 'billing-r1.worker@web-1'

describeOnDebian('instances of a host that restarts or is cut off', (ready) => {
  let debian: Debian
  let started: Started

  beforeAll(() => {
    debian = ready()
    debian.release('billing', 1)
    started = new Started(debian)
  })
  afterEach(() => started.endAll())

  test('a host that restarts brings it back by itself, with its environment', async () => {
    await started.start(
      spec(web, server('${process.env.GREETING}').replace('"${', '`${').replace('}"', '}`'), {
        port: 8101,
        variables: {PORT: '8101', GREETING: 'still here'},
      }),
      spec(worker, 'exec sleep 1000'),
    )
    await started.stop(worker)
    await debian.machine.reboot()
    started.reconnect()
    await started.statusWhen('it runs', web, ({running}) => running === 'running')
    await started.untilOwned(web, 8101)
    expect(await debian.fetch(8101)).toBe('still here')
    expect(await started.status(worker)).toBeUndefined()
  })

  test('it goes on when the connection breaks, nothing of yard stays, and it is asked for anew', async () => {
    await started.start(spec(worker, 'exec sleep 1000'))
    const before = await started.status(worker)
    expect(await programsOfYard()).not.toEqual([])
    await debian.cut()
    await until('nothing of yard runs', async () =>
      (await programsOfYard()).length === 0 ? true : undefined,
    )
    expect(await started.status(worker)).toMatchObject({running: 'running', pid: before!.pid})
  })

  test('nothing of yard stays after the last word, either', async () => {
    await started.start(spec(worker, 'exec sleep 1000'))
    await started.instances.close()
    await until('nothing of yard runs', async () =>
      (await programsOfYard()).length === 0 ? true : undefined,
    )
    expect((await started.status(worker))?.running).toBe('running')
  })

  test('where no key of the machine is, the environment lasts until the machine restarts, and so does the instance', async () => {
    await debian.machine.run('mv', '/usr/bin/systemd-creds', '/usr/bin/systemd-creds.away')
    try {
      await started.start(spec(worker, 'echo "$A"; exec sleep 1000', {variables: {A: 'CANARY-7f3a'}}))
      expect(await started.lines(worker, 1)).toEqual(['CANARY-7f3a'])
      const place = '/run/yard-host/billing-r1.worker.environment'
      expect(await debian.machine.run('stat', '-c', '%U %a', place)).toBe('root 600\n')
      expect(await debian.machine.run('stat', '-f', '-c', '%T', place)).toBe('tmpfs\n')
      await debian.machine.reboot()
      started.reconnect()
      expect(await started.status(worker)).toMatchObject({running: 'stopped', restarts: 0})
      await started.start(spec(worker, 'echo "$A"; exec sleep 1000', {variables: {A: 'again'}}))
      expect(await started.lines(worker, 1)).toEqual(['again'])
    } finally {
      await debian.machine.run('mv', '/usr/bin/systemd-creds.away', '/usr/bin/systemd-creds')
    }
  })

  async function programsOfYard(): Promise<string[]> {
    const output = await debian.machine.run('ps', 'axo', 'args')
    return output.split('\n').filter((line) => /yard-host|head -c 1/.test(line))
  }
})
