import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import {type PushReport} from '../../src/lifecycle/push/needs.js'
import {type SidecarStatusReport} from '../../src/lifecycle/sidecar/status.js'
import {environmentName, type Fleet, type Placed} from '../support/network/fleet.js'
import {type NetworkHost} from '../support/network/hosts.js'
import {describeOnFleet} from '../support/network/on-fleet.js'
import {makeIdentity, startSshdOn} from '../support/network/sshd.js'
import {sshdMissing} from '../support/ssh/missing.js'

const services = ['billing', 'orders']
const home = '/run/home'
let billing: Placed[] = []

describeOnFleet(
  'yard push to three hosts, from a desk',
  {hasDesk: true, missing: sshdMissing()},
  async (fleet) => {
    const {desk} = fleet
    mkdirSync(desk.path(`${home}/keys`), {mode: 0o700})
    const publicKey = makeIdentity(desk, `${home}/keys/id`)
    const platform = `environments: {${environmentName}: {}}\nssh: {user: root, identityFile: ${home}/keys/id}\n`
    writeFileSync(desk.path(`${home}/yard.yaml`), platform)
    for (const host of fleet.hosts) await startSshdOn(host, publicKey)
    billing = await fleet.addService('billing', 3)
    await fleet.addService('orders', 3)
  },
  (fleet) => {
    test('a host whose key nobody knows is refused, and nothing is done there', async () => {
      const {code, report} = await push(fleet())
      expect(code).toBe(1)
      expect(report.hosts.map(({outcome, problem}) => [outcome, problem?.code])).toEqual(
        fleet().hosts.map(() => ['failed', 'E_HOST_KEY']),
      )
      for (const host of fleet().hosts) expect(stateOf(host)).toEqual([])
    })

    test('all three hosts get the same revision, and serve', async () => {
      const {code, report} = await push(fleet(), '--accept-new-host-key')
      expect({code, report}).toMatchObject({code: 0, report: {isPlan: false}})
      expect(report.hosts.map(({host, revision}) => [host, revision])).toEqual(
        fleet().hosts.map(({name}) => [name, report.revision]),
      )
      for (const service of services) await fleet().serves(service)
      const states = await statesOf(fleet())
      expect(states).toEqual({'web-1': 'pushed', 'web-2': 'pushed', 'web-3': 'pushed'})
      expect(await push(fleet())).toMatchObject({
        code: 0,
        report: {hosts: fleet().hosts.map(() => ({outcome: 'unchanged'}))},
      })
    })

    test('a plan tells what would change, and changes nothing', async () => {
      const [first] = billing
      const load = await fleet().load(services)
      await fleet().write(fleet().instanceWrite({...first!.record, state: 'draining'}))
      const plan = await fleet().desk.yard(['push', '--env', environmentName, '--plan'], {cwd: home})
      expect(plan).toMatchObject({code: 0})
      expect(plan.stdout).toContain('billing')
      expect(await load.whoAnswers('billing')).toContain(first!.id)
      expect((await push(fleet())).code).toBe(0)
      await fleet().until(
        'no host sends it anything new',
        async () => !(await load.whoAnswers('billing')).includes(first!.id),
      )
      await fleet().write(fleet().instanceWrite(first!.record))
      expect((await push(fleet())).code).toBe(0)
      await load.isAnsweredBy('billing', [first!.id])
      expect(await load.lost()).toEqual([])
    })

    test('a host is down during a push: the others are served, and it is told who is where', async () => {
      const [web1, web2, web3] = fleet().hosts
      await web3!.unplug()
      // What the lost host ran is found dead by HAProxy's own checks.
      await isLeftOut(fleet(), [web1!, web2!])
      const load = await fleet().load(services, [web1!, web2!])
      const added = await fleet().serve('billing', web1!)
      await fleet().write(fleet().instanceWrite(added.record))
      const {code, report} = await push(fleet())
      expect(code).toBe(1)
      expect(report.code).toBe('E_PUSH_FAILED')
      expect(report.hosts.map(({host, outcome}) => [host, outcome])).toEqual([
        ['web-1', 'runtime'],
        ['web-2', 'runtime'],
        ['web-3', 'failed'],
      ])
      await load.isAnsweredBy('billing', [added.id])
      expect(await load.lost()).toEqual([])
      await web3!.plug()
      await fleet().until('the host is reached again', async () => (await push(fleet())).code === 0, 60_000)
      const all = await fleet().load(services)
      await all.isAnsweredBy('billing', [added.id])
      expect(await all.lost()).toEqual([])
    })
  },
)

async function push(fleet: Fleet, ...flags: string[]): Promise<{code: number | null; report: PushReport}> {
  const args = ['push', '--env', environmentName, ...flags, '--json']
  const {code, stderr, stdout} = await fleet.desk.yard(args, {cwd: home})
  try {
    return {code, report: JSON.parse(stdout) as PushReport}
  } catch {
    throw new Error(`yard ${args.join(' ')} ended with ${code ?? '?'}: ${stdout}${stderr}`)
  }
}

async function statesOf(fleet: Fleet): Promise<Record<string, string>> {
  const {json} = await fleet.status(fleet.desk)
  return Object.fromEntries((json as SidecarStatusReport).hosts.map(({host, state}) => [host, state]))
}

/** What yard keeps on a host. */
function stateOf(host: NetworkHost): string[] {
  const directory = host.path('/var/lib/yard')
  return existsSync(directory) ? readdirSync(directory) : []
}

/** Waits until each of these hosts sends nothing to the last one any more. */
async function isLeftOut(fleet: Fleet, hosts: readonly NetworkHost[]): Promise<void> {
  const {address} = fleet.hosts[2]!
  for (const host of hosts) {
    await fleet.until(`${host.name} finds ${address} dead`, async () => {
      const servers = (await host.askSocket('/run/yard/haproxy.sock', 'show stat')).split('\n')
      const there = servers.filter((line) => line.split(',')[1]?.startsWith(`${address}:`) === true)
      return there.length > 0 && there.every((line) => line.split(',')[17]?.startsWith('DOWN') === true)
    })
  }
}
