import {expect, test} from '@jest/globals'

import {catalogRoot, keys} from '../../src/catalog/keys.js'
import {maxTransactionWrites, type StoreEntry, type Write} from '../../src/contracts/store.js'
import {environmentName, type Fleet, keyOf, type Placed} from '../support/network/fleet.js'
import {type NetworkHost} from '../support/network/hosts.js'
import {describeOnFleet} from '../support/network/on-fleet.js'

let ledger: Placed[] = []
const services = ['billing', 'orders', 'ledger']

/** Requests go on at all hosts during each test, and none may be lost. */
describeOnFleet(
  'sidecars on three hosts, and a catalog that fails them',
  {},
  async (fleet) => {
    for (const service of ['billing', 'orders']) await fleet.addService(service, 3)
    ledger = await fleet.addService('ledger', 5)
    for (const host of fleet.hosts) fleet.startSidecar(host)
    for (const service of services) await fleet.serves(service)
  },
  (fleet) => {
    test('everything is followed, and told', async () => {
      const [web1] = fleet().hosts
      const load = await fleet().load(services)
      await followsAll(fleet())
      await load.isAnsweredBy('ledger', ids(ledger))
      expect(await load.lost()).toEqual([])
      const status = await web1!.yard(['sidecar', 'status', '--env', environmentName])
      expect(status).toMatchObject({code: 0})
      for (const {name} of fleet().hosts) expect(status.stdout).toContain(name)
    })

    test('the quorum is lost: traffic goes on, and the sidecar says that it hears nothing', async () => {
      const [web1] = fleet().hosts
      const load = await fleet().load(services)
      await fleet().killMembers([0, 1])
      await saysStale(fleet(), web1!)
      await fleet().restartMembers()
      const [added] = await addInstances(fleet(), 'orders')
      await load.isAnsweredBy('orders', [added!.id])
      await hearsAgain(fleet(), web1!)
      expect(await load.lost()).toEqual([])
    })

    test('a host that was away while the catalog was compacted catches up', async () => {
      const [, web2] = fleet().hosts
      const load = await fleet().load(services)
      await web2!.cutOff(fleet().network.serverAddresses)
      const [added] = await addInstances(fleet(), 'billing')
      for (let change = 0; change < 20; change++) await touch(fleet(), added!)
      await fleet().cluster.compact()
      await saysStale(fleet(), web2!)
      await web2!.rejoin(fleet().network.serverAddresses)
      await load.isAnsweredBy('billing', [added!.id])
      await hearsAgain(fleet(), web2!)
      expect(await load.lost()).toEqual([])
    })

    test('60 % of the instances of a service vanish at once: they keep their traffic until somebody accepts the loss', async () => {
      const [web1] = fleet().hosts
      const load = await fleet().load(services)
      const [gone, left] = [ledger.slice(0, 3), ledger.slice(3)]
      await fleet().write(gone.map(({record}) => ({delete: keyOf(record)})))
      for (const host of fleet().hosts) await holds(fleet(), host, 'ledger')
      await load.isAnsweredBy('ledger', ids(ledger))
      const accepted = await web1!.yard(['sidecar', 'accept-loss', '--env', environmentName, '--yes'])
      expect(accepted).toMatchObject({code: 0})
      await followsAll(fleet())
      expect(await load.whoAnswers('ledger')).toEqual(ids(left))
      expect(await load.lost()).toEqual([])
    })

    test('the catalog is wiped: nothing loses its traffic, also not on a host whose sidecar starts now', async () => {
      const [web1] = fleet().hosts
      const load = await fleet().load(services)
      const billing = await load.whoAnswers('billing')
      const entries = await routingEntries(fleet())
      await writeAll(
        fleet(),
        entries.map(({key}) => ({delete: key})),
      )
      for (const host of fleet().hosts) await holds(fleet(), host, 'billing')
      await fleet().endSidecar(web1!)
      fleet().startSidecar(web1!)
      await holds(fleet(), web1!, 'billing')
      expect(await load.whoAnswers('billing')).toEqual(billing)
      await writeAll(fleet(), entries.map(put))
      await followsAll(fleet())
      expect(await load.lost()).toEqual([])
    })

    test('an older copy of the catalog is restored in a new cluster: hosts follow it, back in time', async () => {
      const entries = await routingEntries(fleet())
      const load = await fleet().load(services)
      const orders = await load.whoAnswers('orders')
      const [late] = await addInstances(fleet(), 'orders')
      await load.isAnsweredBy('orders', [late!.id])
      await fleet().replaceCluster()
      await writeAll(fleet(), entries.map(put))
      await fleet().until('the instance that the copy lacks is out of the traffic', async () =>
        same(await load.whoAnswers('orders'), orders),
      )
      await followsAll(fleet())
      const [next] = await addInstances(fleet(), 'orders')
      await load.isAnsweredBy('orders', [next!.id])
      expect(await load.lost()).toEqual([])
    })

    test('etcd is away and a host starts from nothing but its disk: it serves within 3 s', async () => {
      const [web1, , web3] = fleet().hosts
      const load = await fleet().load(services, [web1!])
      await fleet().killMembers([0, 1, 2])
      await fleet().endSidecar(web3!)
      web3!.signal('keeper', 'SIGKILL')
      web3!.signal('haproxy', 'SIGKILL')
      await fleet().until('HAProxy is gone', () => web3!.processes('haproxy').length === 0)
      const started = performance.now()
      fleet().startSidecar(web3!)
      await fleet().serves('billing', [web3!], 30_000)
      expect(performance.now() - started).toBeLessThan(3_000 + startMillis)
      await fleet().serves('orders', [web3!])
      await saysStale(fleet(), web3!)
      const status = await web3!.yard(['sidecar', 'status', '--env', environmentName])
      expect(status.code).not.toBe(0)
      expect(status.stderr).toContain('--here')
      expect(await load.lost()).toEqual([])
    })
  },
)

/** What the start of the command itself may take on a machine that is busy with everything else. */
const startMillis = 3_000

function ids(placed: readonly Placed[]): string[] {
  return placed.map(({id}) => id).sort()
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.join() === right.join()
}

/** One more instance on the first host. */
async function addInstances(fleet: Fleet, service: string): Promise<Placed[]> {
  const placed = await fleet.serve(service, fleet.hosts[0]!)
  await fleet.write(fleet.instanceWrite(placed.record))
  return [placed]
}

/** Writes it again, with nothing changed that matters. */
async function touch(fleet: Fleet, {record}: Placed): Promise<void> {
  await fleet.write(fleet.instanceWrite({...record, createdAt: new Date().toISOString()}))
}

/** What routing is made of: what would be in a backup. */
async function routingEntries(fleet: Fleet): Promise<StoreEntry[]> {
  const {entries} = await fleet.store.range(catalogRoot)
  return entries.filter(
    ({key, lease}) => lease === undefined && !key.startsWith(keys.lossAcceptance(environmentName)),
  )
}

function put({key, value}: StoreEntry): Write {
  return {put: key, value}
}

async function writeAll(fleet: Fleet, writes: readonly Write[]): Promise<void> {
  for (let at = 0; at < writes.length; at += maxTransactionWrites) {
    await fleet.write(writes.slice(at, at + maxTransactionWrites))
  }
}

async function saysStale(fleet: Fleet, host: NetworkHost): Promise<void> {
  await fleet.untilHere(host, 'hears nothing', ({sidecar}) => sidecar?.staleSince !== undefined)
}

async function hearsAgain(fleet: Fleet, host: NetworkHost): Promise<void> {
  await fleet.untilHere(
    host,
    'hears the catalog',
    ({problem, sidecar}) => sidecar?.staleSince === undefined && problem === undefined,
  )
}

async function holds(fleet: Fleet, host: NetworkHost, service: string): Promise<void> {
  await fleet.untilHere(
    host,
    `holds ${service}`,
    ({sidecar}) =>
      sidecar?.suspects.some((line) => line.startsWith(service) || line.startsWith('all ')) === true,
  )
}

/**
 * `yard sidecar status` finds nothing to say against any host, so nothing is held back. That the record of the
 * environment is back is seen at the next list of everything, a minute later at most: it isn't watched.
 */
async function followsAll(fleet: Fleet): Promise<void> {
  const [first] = fleet.hosts
  await fleet.until('all hosts follow', async () => (await fleet.status(first!)).code === 0, 90_000)
  for (const host of fleet.hosts) {
    await fleet.untilHere(
      host,
      'holds no instance',
      ({sidecar}) => sidecar?.suspects.every((line) => line.startsWith('the environment ')) === true,
    )
  }
}
