import {mkdirSync, writeFileSync} from 'node:fs'

import {afterAll, expect, test} from '@jest/globals'

import {findEtcd} from '../../scripts/bootstrap/etcd.mjs'
import {type ShipReport} from '../../src/lifecycle/push/ship-sidecars.js'
import {type SidecarStatusReport} from '../../src/lifecycle/sidecar/status.js'
import {environmentName, type Fleet, type Placed} from '../support/network/fleet.js'
import {describeOnFleet} from '../support/network/on-fleet.js'
import {makeIdentity} from '../support/network/sshd.js'
import {systemdMissing} from '../support/systemd/base.js'
import {removeCgroups, SystemdMachine} from '../support/systemd/machine.js'

const home = '/run/home'
const [haproxy, sidecar] = ['yard-haproxy.service', 'yard-sidecar.service'] as const
/** Longer than the watchdog of the unit waits, and then some for the start. */
const watchdogMillis = 60_000
let machine: SystemdMachine
let billing: Placed[] = []

/** A Debian with systemd that yard is sent to over SSH. Each test goes on where the one before ended. */
describeOnFleet(
  'a sidecar on a Debian with systemd',
  {hasDesk: true, hosts: 1, missing: findEtcd() === undefined ? 'etcd is not installed' : systemdMissing()},
  async (fleet) => {
    const {desk, hosts} = fleet
    mkdirSync(desk.path(`${home}/keys`), {mode: 0o700})
    const publicKey = makeIdentity(desk, `${home}/keys/id`)
    const platform = `environments: {${environmentName}: {}}\nssh: {user: root, identityFile: ${home}/keys/id}\n`
    writeFileSync(desk.path(`${home}/yard.yaml`), platform)
    machine = await SystemdMachine.boot(hosts[0]!, publicKey)
    billing = await fleet.addService('billing', 2)
  },
  (fleet) => {
    afterAll(removeCgroups)

    test('it takes over from a HAProxy that was pushed, and no request is lost', async () => {
      const pushed = await push(fleet(), '--accept-new-host-key')
      expect(pushed).toMatchObject({code: 0, report: {hosts: [{outcome: 'reload'}]}})
      await fleet().serves('billing')
      const load = await fleet().load(['billing'], fleet().hosts, 200)
      await load.isAnsweredBy('billing', ids())
      expect(await push(fleet(), '--sidecar')).toMatchObject({
        code: 0,
        report: {hosts: [{outcome: 'installed'}]},
      })
      await load.isAnsweredBy('billing', ids())
      expect(await load.lost()).toEqual([])
      for (const unit of [haproxy, sidecar]) {
        expect(await machine.unit(unit)).toMatchObject({ActiveState: 'active', NRestarts: '0'})
      }
      expect((await machine.unit(sidecar))['StatusText']).toMatch(
        /^HAProxy follows revision \d+ of staging, 1 services$/,
      )
      expect((await machine.run('stat', '-c', '%U %a', '/run/yard', '/var/lib/yard')).trim()).toBe(
        'yard 700\nyard 700',
      )
      expect(await fleet().status(fleet().desk)).toMatchObject({
        code: 0,
        json: {hosts: [{by: 'sidecar', state: 'follows'}]},
      })
    })

    test('sent once more it changes nothing, and nothing is started again', async () => {
      const before = await pids()
      expect(await push(fleet(), '--sidecar')).toMatchObject({
        code: 0,
        report: {hosts: [{outcome: 'unchanged', changed: []}]},
      })
      expect(await pids()).toEqual(before)
    })

    test('it follows the catalog, with a reload where it takes one', async () => {
      const [first] = billing
      const load = await fleet().load(['billing'], fleet().hosts, 200)
      await fleet().write(fleet().instanceWrite({...first!.record, weight: 0}))
      await fleet().until(
        'it gets nothing new',
        async () => !(await load.whoAnswers('billing')).includes(first!.id),
      )
      await fleet().write(fleet().instanceWrite(first!.record))
      await load.isAnsweredBy('billing', ids())
      // More than stand by.
      const names = Array.from({length: 20}, (_, index) => `service-${index}`)
      for (const name of names) await fleet().addService(name, 1)
      for (const name of names) await fleet().serves(name)
      await fleet().until('the sidecar tells of a reload', async () => {
        const {json} = await fleet().status(fleet().desk)
        return ((json as SidecarStatusReport).hosts[0]?.sidecar?.reloads.done ?? 0) > 0
      })
      expect(await load.lost()).toEqual([])
    })

    test('systemd starts a HAProxy that was killed', async () => {
      await machine.signal(haproxy, 'KILL')
      await restarts(haproxy, 1)
      await fleet().serves('billing')
      await fleet().untilHere(fleet().hosts[0]!, 'is content', ({problem}) => problem === undefined)
    })

    test('systemd starts a sidecar that was killed, and one that hangs; requests go on', async () => {
      const load = await fleet().load(['billing'], fleet().hosts, 200)
      await machine.signal(sidecar, 'KILL')
      await restarts(sidecar, 1)
      await machine.signal(sidecar, 'STOP')
      await restarts(sidecar, 2)
      expect(await machine.journal()).toContain('Watchdog timeout')
      await load.isAnsweredBy('billing', ids())
      expect(await load.lost()).toEqual([])
    })

    test('after a reboot without the catalog it serves what it knew, and says so', async () => {
      await fleet().killMembers([0, 1, 2])
      await machine.reboot()
      await fleet().serves('billing')
      const away = /^HAProxy follows revision \d+ of staging, 21 services; the catalog can't be heard since /
      await fleet().until(
        'systemd is told',
        async () => away.test((await machine.unit(sidecar))['StatusText'] ?? ''),
        30_000,
      )
      await fleet().untilHere(fleet().hosts[0]!, 'is stale', (said) => said.sidecar?.staleSince !== undefined)
      await fleet().restartMembers()
      await fleet().untilHere(fleet().hosts[0]!, 'hears it', (said) => said.sidecar?.staleSince === undefined)
      await fleet().until('it is told', async () => (await fleet().status(fleet().desk)).code === 0)
      for (const unit of [haproxy, sidecar]) {
        expect(await machine.unit(unit)).toMatchObject({ActiveState: 'active', NRestarts: '0'})
      }
    })
  },
)

async function push(fleet: Fleet, ...flags: string[]): Promise<{code: number | null; report: ShipReport}> {
  const args = ['push', '--env', environmentName, ...flags, '--json']
  const {code, stderr, stdout} = await fleet.desk.yard(args, {cwd: home})
  try {
    return {code, report: JSON.parse(stdout) as ShipReport}
  } catch {
    throw new Error(`yard ${args.join(' ')} ended with ${code ?? '?'}: ${stdout}${stderr}`)
  }
}

function ids(): string[] {
  return billing.map(({id}) => id)
}

async function pids(): Promise<(string | undefined)[]> {
  return Promise.all([haproxy, sidecar].map(async (unit) => (await machine.unit(unit))['MainPID']))
}

/** Waits until systemd has started a unit again so often, and it is ready. */
async function restarts(unit: string, count: number): Promise<void> {
  const deadline = Date.now() + watchdogMillis
  for (;;) {
    const {ActiveState, NRestarts} = await machine.unit(unit)
    if (ActiveState === 'active' && Number(NRestarts) === count) return
    if (Date.now() > deadline) throw new Error(`${unit} is not started again: ${await machine.journal()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
