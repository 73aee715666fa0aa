import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {type SidecarFile, type SidecarHostFacts} from '../../../src/contracts/sidecar-host.js'
import {type SidecarStatus} from '../../../src/domain/sidecar-status.js'
import {shipSidecars, type ShipNeeds} from '../../../src/lifecycle/push/ship-sidecars.js'
import {YardError} from '../../../src/errors.js'
import {failureOf} from '../../fakes/failure-of.js'
import {PushWorld} from '../../fakes/push-world.js'
import {anAgent} from '../../fakes/records.js'
import {SimulatedClock} from '../../fakes/simulated-clock.js'

const request = {environment: 'staging', acceptsNewKey: false}
const fit: SidecarHostFacts = {
  node: '/usr/bin/node',
  nodeVersion: '20.19.0',
  haproxy: '/usr/sbin/haproxy',
  hasSystemd: true,
  isRoot: true,
  hasToken: false,
}

describe('putting sidecars on hosts', () => {
  let clock: SimulatedClock
  let world: PushWorld
  let facts: SidecarHostFacts
  let written: Map<string, readonly SidecarFile[]>
  let starts: string[]
  let changed: string[]
  let follows: (host: string) => boolean

  beforeEach(async () => {
    clock = new SimulatedClock()
    world = new PushWorld(clock)
    await world.seed(2)
    facts = fit
    written = new Map()
    starts = []
    changed = ['/usr/lib/yard/sidecar.mjs']
    follows = () => true
  })

  function needs(changes: Partial<ShipNeeds> = {}): ShipNeeds {
    return {
      ...world.needs(),
      catalogUrl: 'etcd://10.0.0.1:2379',
      program: async () => 'the program',
      openSidecarHost: async ({name}) => ({
        sidecar: {
          facts: async () => facts,
          install: async (files) => {
            written.set(name, files)
            return changed
          },
          start: async ({restarts}) => {
            starts.push(`${name} ${restarts ? 'restart' : 'start'}`)
            if (follows(name)) await says(name)
          },
        },
        newHostKey: () => undefined,
        close: async () => void world.closed.push(name),
      }),
      ...changes,
    }
  }

  async function says(host: string, problem?: string): Promise<void> {
    const now = clock.now().toISOString()
    const sidecar: SidecarStatus = {
      version: '0.1.0',
      seenRevision: 1,
      seenAt: now,
      records: 1,
      reloads: {done: 0, refused: 0, avoided: 0},
      workers: 1,
      suspects: [],
      drift: [],
      isReloadOwed: false,
    }
    const agent = anAgent({host, sidecar, ...(problem !== undefined && {problem})})
    await world.catalog.commit('agent', [], [world.catalog.agents.put(keys.agent('staging', host), agent)])
  }

  test('writes the program and the units, starts them and waits until each says that it follows', async () => {
    const report = await shipSidecars(needs(), request)

    expect(report).toEqual({
      environment: 'staging',
      hosts: [
        {host: 'web-1', address: '10.0.0.1', outcome: 'installed', changed},
        {host: 'web-2', address: '10.0.0.2', outcome: 'installed', changed},
      ],
    })
    expect(starts.sort()).toEqual(['web-1 restart', 'web-2 restart'])
    const files = written.get('web-2')!
    expect(files.map(({path}) => path)).toEqual([
      '/usr/lib/yard/sidecar.mjs',
      '/etc/systemd/system/yard-haproxy.service',
      '/etc/systemd/system/yard-haproxy.path',
      '/etc/systemd/system/yard-sidecar.service',
    ])
    expect(files[3]?.text).toContain('--host web-2 --catalog etcd://10.0.0.1:2379')
    expect([world.asked, world.closed.sort()]).toEqual([
      ['put sidecars on the hosts of staging'],
      ['web-1', 'web-2'],
    ])
  })

  test('restarts nothing where nothing is new', async () => {
    changed = []

    const {hosts} = await shipSidecars(needs(), request)

    expect(hosts.map(({outcome}) => outcome)).toEqual(['unchanged', 'unchanged'])
    expect(starts.sort()).toEqual(['web-1 start', 'web-2 start'])
  })

  test('a sidecar that says nothing, or that it does not follow, is told, and the others are put there', async () => {
    follows = (host) => host !== 'web-2'
    const silent = await shipSidecars(needs(), request)
    expect(silent.code).toBe('E_PUSH_FAILED')
    expect(silent.hosts.map(({outcome, problem}) => [outcome, problem?.code])).toEqual([
      ['installed', undefined],
      ['failed', 'E_SIDECAR'],
    ])

    await says('web-2', 'the disk is full')
    const unwell = await shipSidecars(needs(), {...request, hosts: ['web-2']})
    expect(unwell.hosts[0]?.problem?.why).toBe('the disk is full')
  })

  test('what an earlier sidecar said before the restart counts for nothing', async () => {
    await says('web-1')
    await clock.sleep(5_000)
    follows = () => false

    const {hosts} = await shipSidecars(needs(), {...request, hosts: ['web-1']})

    expect(hosts[0]?.problem?.code).toBe('E_SIDECAR')
  })

  test.each<[string, Partial<SidecarHostFacts>, string]>([
    ['without systemd', {hasSystemd: false}, 'systemd does not run there'],
    [
      'with an old Node.js',
      {nodeVersion: '20.18.1'},
      'it has Node.js 20.18.1, and the sidecar needs 20.19 or newer',
    ],
    ['with a much older Node.js', {nodeVersion: '18.20.0'}, 'it has Node.js 18.20.0'],
    ['where another user logs in', {isRoot: false}, 'units are written by root'],
  ])('a host %s gets nothing, and that is said', async (_, change, why) => {
    facts = {...fit, ...change}

    const {hosts} = await shipSidecars(needs(), request)

    expect(hosts[0]?.problem?.why).toContain(why)
    expect([written.size, starts]).toEqual([0, []])
  })

  test('who logs in is passed on; where they are not let in, or are not root, the line that names another is told', async () => {
    const logins: (string | undefined)[] = []
    const asked = needs()
    const openSidecarHost: ShipNeeds['openSidecarHost'] = (host, login) => {
      logins.push(login.login)
      if (login.login === 'ada') return asked.openSidecarHost(host, login)
      throw new YardError('E_HOST_AUTH', {what: 'No', why: 'root may not', next: ['ssh-add']})
    }
    const one = {...request, hosts: ['web-1']}

    const refused = await shipSidecars({...asked, openSidecarHost}, one)
    const hint =
      'yard push --sidecar --env staging --hosts web-1 --login NAME   # root, or somebody with sudo there'
    expect(refused.hosts[0]?.problem).toMatchObject({code: 'E_HOST_AUTH', next: [hint, 'ssh-add']})
    facts = {...fit, isRoot: false}
    const noRoot = await shipSidecars({...asked, openSidecarHost}, {...one, login: 'ada'})
    expect(noRoot.hosts[0]?.problem).toMatchObject({code: 'E_PERMISSION', next: [hint, expect.anything()]})
    facts = fit
    const shipped = await shipSidecars({...asked, openSidecarHost}, {...one, login: 'ada'})
    expect(shipped.hosts[0]?.outcome).toBe('installed')
    expect(logins).toEqual([undefined, 'ada', 'ada'])
  })

  test('a host without Node.js or HAProxy gets nothing', async () => {
    const {haproxy, node, nodeVersion, ...bare} = fit
    facts = {...bare, node: node!, nodeVersion: nodeVersion!}
    expect((await shipSidecars(needs(), request)).hosts[0]?.problem?.code).toBe('E_HAPROXY_MISSING')
    facts = {...bare, haproxy: haproxy!}
    expect((await shipSidecars(needs(), request)).hosts[0]?.problem?.why).toContain(
      'Node.js is not installed there',
    )
  })

  test('a token that was put there is used, and none is sent', async () => {
    facts = {...fit, hasToken: true}

    await shipSidecars(needs(), request)

    expect(written.get('web-1')?.[3]?.text).toContain('LoadCredential=yard-token:/etc/yard/token')
  })

  test('a catalog that is a file on this machine is refused', async () => {
    const {code, why} = await failureOf(shipSidecars(needs({catalogUrl: undefined}), request))

    expect([code, why]).toEqual([
      'E_SIDECAR',
      'the catalog is a file on this machine, which they can not follow',
    ])
  })
})
