import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

import {expect, test} from '@jest/globals'

import {environmentName, type Fleet, keyOf, type Placed} from '../support/network/fleet.js'
import {type FleetLoad} from '../support/network/fleet-load.js'
import {type NetworkHost, type StartedProgram} from '../support/network/hosts.js'
import {describeOnFleet} from '../support/network/on-fleet.js'

const services = ['billing', 'orders']
let orders: Placed[] = []
let news = 0

const takenPort = 7_099
const routing = '/var/lib/yard/haproxy'
/** A master, the worker in use, and those on their way out. */
const mostProcesses = 6
/** After the file was written, before the reload; and after it, before anybody was told. */
const failpoints = ['candidate:after', 'install:after', 'reload:after', 'apply:after']

/** Each fault befalls the first host. Requests at the others go on, and none may be lost; nor at the first one where its HAProxy lives. */
describeOnFleet(
  'sidecars on three hosts, one of which is in trouble',
  {},
  async (fleet) => {
    await fleet.addService('billing', 3)
    orders = await fleet.addService('orders', 6)
    for (const host of fleet.hosts) fleet.startSidecar(host)
    for (const service of services) await fleet.serves(service)
  },
  (fleet) => {
    const first = () => fleet().hosts[0]!
    const others = () => fleet().hosts.slice(1)

    test.each([
      ['HAProxy is killed', 'SIGKILL', (host: NetworkHost) => haproxies(host)],
      [
        'HAProxy is killed, and who looks after it',
        'SIGKILL',
        (host: NetworkHost) => [...keepers(host), ...haproxies(host)],
      ],
      ['HAProxy hangs', 'SIGSTOP', (host: NetworkHost) => haproxies(host)],
    ] as const)('%s: another takes its place, with everything it had', async (_what, signal, befallen) => {
      const elsewhere = await fleet().load(services, others())
      const before = new Set(haproxies(first()))
      for (const pid of befallen(first())) signalIfThere(pid, signal)
      await fleet().until('another HAProxy answers', () => isServed(fleet(), first(), before), 40_000)
      const load = await fleet().load(services, [first()])
      await load.isAnsweredBy('orders', ids(orders))
      await isWell(fleet(), first())
      expect([...(await elsewhere.lost()), ...(await load.lost())]).toEqual([])
    })

    test.each([
      ['its socket', ['haproxy.sock']],
      ['both of its sockets', ['haproxy.sock', 'haproxy-master.sock']],
    ])('HAProxy loses %s: it serves on, and follows all the same', async (_which, sockets) => {
      const load = await fleet().load(services)
      for (const name of sockets) rmSync(first().path(`/run/yard/${name}`))
      await drained(fleet(), async ({id}) => {
        await fleet().until(
          'no host sends it anything new',
          async () => !(await load.whoAnswers('orders')).includes(id),
          60_000,
        )
      })
      await load.isAnsweredBy('orders', ids(orders))
      await fleet().untilHere(
        first(),
        'follows',
        ({problem, state}) => problem === undefined && state === 'follows',
      )
      expect(await load.lost()).toEqual([])
      // A worker inherits its socket from the one before, so that a lost one comes back with a new HAProxy only.
      const before = new Set(haproxies(first()))
      for (const pid of before) process.kill(pid, 'SIGKILL')
      await fleet().until('another HAProxy answers', () => isServed(fleet(), first(), before), 40_000)
      await isWell(fleet(), first())
    })

    test('old workers that will not end, one of which hangs, are ended when there are too many', async () => {
      let load: FleetLoad | undefined
      const held: StartedProgram[] = []
      for (let round = 0; round < 6; round++) {
        held.push(await holdOn(fleet(), first()))
        const before = haproxies(first())
        process.kill(masterOf(first()), 'SIGUSR2')
        await fleet().until('there is a new worker', () =>
          haproxies(first()).some((pid) => !before.includes(pid)),
        )
        await fleet().serves('billing', [first()])
        // The oldest one reacts to nothing any more.
        if (round === 0) for (const pid of before) if (pid !== masterOf(first())) process.kill(pid, 'SIGSTOP')
        // Begun now: whoever is connected to one that hangs has lost that request, whatever yard does.
        load ??= await fleet().load(services)
      }
      expect(haproxies(first()).length).toBeGreaterThan(mostProcesses)
      await fleet().addService('needs-a-reload', 1, '/alive')
      await fleet().serves('needs-a-reload')
      await fleet().until('few workers are left', () => haproxies(first()).length <= mostProcesses, 30_000)
      await isWell(fleet(), first())
      expect(await load?.lost()).toEqual([])
      for (const {child} of held) child.kill('SIGKILL')
    })

    test('a port that HAProxy should listen on is taken: what runs goes on until the port is free', async () => {
      const load = await fleet().load(services)
      await first().serve({name: 'squatter', port: takenPort})
      const router = {address: '127.0.0.1', port: 7_070, header: 'Yard-Service', statisticsPort: takenPort}
      await fleet().write(fleet().environmentWrite({router}))
      await fleet().endSidecar(first())
      fleet().startSidecar(first())
      await says(fleet(), first(), new RegExp(`${takenPort}`))
      await first().change({port: takenPort, isListening: false})
      await isWell(fleet(), first())
      expect((await fleet().ask(first(), 'none', takenPort)).status).toBe(200)
      expect(await load.lost()).toEqual([])
    })

    test.each([
      ['the disk is full', (host: NetworkHost) => host.fillDisk(), (host: NetworkHost) => host.freeDisk()],
      [
        'nothing may be written',
        (host: NetworkHost) => host.lock(routing),
        (host: NetworkHost) => host.unlock(routing),
      ],
    ])('%s: what runs goes on, the sidecar says so and follows later', async (_what, harm, mend) => {
      const load = await fleet().load(services)
      await harm(first())
      await drained(fleet(), async ({id}) => {
        await says(fleet(), first(), /full|permission|may not|read-only|written/i)
        await mend(first())
        await isWell(fleet(), first())
        await fleet().until(
          'no host sends it anything new',
          async () => !(await load.whoAnswers('orders')).includes(id),
        )
      })
      await load.isAnsweredBy('orders', ids(orders))
      expect(await load.lost()).toEqual([])
    })

    test.each(failpoints)(
      'the sidecar is killed at %s: the next one ends as if nothing had happened',
      async (point) => {
        const load = await fleet().load(services)
        await fleet().endSidecar(first())
        const service = `news-${++news}`
        // Its health path takes a backend of its own, which takes a reload.
        const [placed] = await fleet().addService(service, 1, '/alive')
        const {signal, code, stderr} = await fleet().startSidecar(first(), {YARD_FAILPOINT: `${point}:kill`})
          .ended
        expect({signal, code, stderr}).toMatchObject({signal: 'SIGKILL'})
        fleet().startSidecar(first())
        await fleet().serves(service, [first()])
        await isWell(fleet(), first())
        expect((await fleet().ask(first(), service)).headers['yard-test']).toBe(placed!.id)
        expect(await load.lost()).toEqual([])
      },
    )

    test('a second sidecar on a host refuses, and the first goes on', async () => {
      const load = await fleet().load(services)
      const args = ['sidecar', 'run', '--env', environmentName, '--host', first().name]
      const second = await first().yard(args)
      expect(second).toMatchObject({code: 3, stderr: expect.stringContaining('E_LOCKED')})
      await isWell(fleet(), first())
      expect(await load.lost()).toEqual([])
    })

    test('the clock jumps: changes are followed, and nothing that is held is let go', async () => {
      const load = await fleet().load(services)
      await fleet().endSidecar(first())
      const shift = '/run/clock-shift'
      const clock = fileURLToPath(new URL('../support/network/shifted-clock.cjs', import.meta.url))
      fleet().startSidecar(first(), {NODE_OPTIONS: `--require=${clock}`, YARD_TEST_CLOCK: shift})
      await isWell(fleet(), first())
      const gone = orders.slice(2)
      await fleet().write(gone.map(({record}) => ({delete: keyOf(record)})))
      await fleet().untilHere(first(), 'holds orders', ({sidecar}) => (sidecar?.suspects.length ?? 0) > 0)
      for (const hours of [2, -2]) {
        writeFileSync(first().path(shift), String(hours * 3_600_000))
        const added = await fleet().serve('billing', first())
        await fleet().write(fleet().instanceWrite(added.record))
        await load.isAnsweredBy('billing', [added.id])
        expect(await load.whoAnswers('orders')).toEqual(ids(orders))
      }
      await fleet().write(gone.map(({record}) => fleet().instanceWrite(record)))
      await isWell(fleet(), first())
      expect(await load.lost()).toEqual([])
    })
  },
)

function ids(placed: readonly Placed[]): string[] {
  return placed.map(({id}) => id).sort()
}

function haproxies(host: NetworkHost): number[] {
  return host
    .processes('haproxy')
    .filter(({command}) => /^\S*haproxy /.test(command))
    .map(({pid}) => pid)
}

/** The one that none of the others started. */
function masterOf(host: NetworkHost): number {
  const all = haproxies(host)
  return all.find((pid) => !all.includes(parentOf(pid)))!
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function keepers(host: NetworkHost): number[] {
  return host.processes('keeper').map(({pid}) => pid)
}

/** Has an instance leave while something happens. */
async function drained(fleet: Fleet, meanwhile: (placed: Placed) => Promise<void>): Promise<void> {
  const [placed] = orders
  const {record} = placed!
  await fleet.write(fleet.instanceWrite({...record, state: 'draining'}))
  try {
    await meanwhile(placed!)
  } finally {
    await fleet.write(fleet.instanceWrite(record))
  }
}

/** By a HAProxy that is none of those. */
async function isServed(fleet: Fleet, host: NetworkHost, before: ReadonlySet<number>): Promise<boolean> {
  if (haproxies(host).some((pid) => before.has(pid)) || haproxies(host).length === 0) return false
  return (await fleet.ask(host, 'billing').catch(() => undefined))?.status === 200
}

/** Its sidecar says that nothing is the matter, and so does what it told the catalog. */
async function isWell(fleet: Fleet, host: NetworkHost): Promise<void> {
  await fleet.untilHere(
    host,
    'is well',
    ({problem, sidecar}) =>
      problem === undefined && sidecar?.drift.length === 0 && sidecar.suspects.length === 0,
  )
  await fleet.until('yard sidecar status is content', async () => (await fleet.status(host)).code === 0)
}

async function says(fleet: Fleet, host: NetworkHost, problem: RegExp): Promise<void> {
  await fleet.untilHere(host, `says ${String(problem)}`, (agent) => problem.test(agent.problem ?? ''))
  expect((await fleet.status(fleet.hosts[1]!)).text).toMatch(problem)
}

/** A request that never ends, and keeps the worker that carries it. */
async function holdOn(fleet: Fleet, host: NetworkHost): Promise<StartedProgram> {
  const options = {port: 7_070, path: '/endless', headers: {'Yard-Service': 'billing'}}
  const script = `require('node:http').get(${JSON.stringify(options)}, (answer) => answer.pipe(process.stdout)).on('error', () => undefined)`
  const program = host.start(process.execPath, ['-e', script])
  await fleet.until('the endless answer has begun', () => program.output().includes('begun'))
  return program
}

/** A worker ends by itself as soon as its master is gone. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It was quicker.
  }
}
