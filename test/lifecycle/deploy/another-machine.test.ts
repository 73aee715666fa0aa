import {describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {type Host} from '../../../src/domain/environment.js'
import {YardError} from '../../../src/errors.js'
import {deploy, type DeployNeeds} from '../../../src/lifecycle/deploy.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {promote} from '../../../src/lifecycle/promote/promote.js'
import {restart} from '../../../src/lifecycle/restart/restart.js'
import {rollback} from '../../../src/lifecycle/rollback.js'
import {runOnce} from '../../../src/lifecycle/run-once/run.js'
import {serviceText} from '../../fakes/deploy-world.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fleetName, type FleetWorld} from '../../fakes/fleet-world.js'
import {FakeInstanceHost} from '../../fakes/instance-host.js'
import {expectNeverLess, expectOnlyRelease, liveFleet, request, resumption} from '../../fakes/halfway.js'
import {killAt} from '../../fakes/killing.js'

const setAt = {setAt: '2026-11-20T12:00:00.000Z', setBy: 'ada@laptop'}
const where = {service: 'hello', environment: fleetName}

/** A fleet with two releases; release 2 is live. */
async function twoReleases(hosts = 3): Promise<FleetWorld> {
  const world = await liveFleet(hosts)
  await deploy(world.needs(), request)
  forgetCommands(world)
  return world
}

function forgetCommands(world: FleetWorld): void {
  for (const machine of world.machines.values()) machine.commands.length = 0
  world.traffic.routed.length = 0
  world.events.length = 0
}

/** What a run of yard has that shares the catalog, and nothing that was built. */
function elsewhere(world: FleetWorld, changes: Partial<DeployNeeds> = {}): DeployNeeds {
  const needs = world.needs(changes)
  const absent = async (): Promise<never> => {
    throw new YardError('E_ARTIFACT', {what: "Can't unpack it", why: 'it is not here', next: ['there']})
  }
  const nothing = {has: async () => false, unpack: absent, manifest: absent, unpackedReleases: async () => []}
  return {...needs, artifacts: {...needs.artifacts, ...nothing}}
}

const commandsOf = (world: FleetWorld) => [...world.machines.values()].map(({commands}) => commands.join(' '))

const warnings = (world: FleetWorld) =>
  world.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))

async function addHost(world: FleetWorld, name: string, environment = fleetName): Promise<FakeInstanceHost> {
  const machine = new FakeInstanceHost(name, world.clock)
  world.machines.set(name, machine)
  const address = `10.0.0.${world.machines.size}`
  const host: Host = {v: 1, name, environment, address, description: name}
  await world.catalog.commit('test', [], [world.catalog.hosts.put(keys.host(environment, name), host)])
  return machine
}

describe('a machine that built nothing', () => {
  test('rolls back from what the hosts have, with no command more than where it was built', async () => {
    const world = await twoReleases()

    const report = await rollback(elsewhere(world), where)

    expect(report).toMatchObject({release: 1, outcome: 'live'})
    await expectOnlyRelease(world, 1, 'rolled back')
    expectNeverLess(world, 'rolled back')
    expect(commandsOf(world)).toEqual(Array(3).fill('survey place start stop'))
    expect(world.machine('h1').fetched).toEqual([])
    expect(world.staged.size).toBe(0)
  })

  test('restarts, and asks hosts first on which the release runs', async () => {
    const world = await twoReleases(1)
    await addHost(world, 'a0')

    await restart(elsewhere(world), where)

    expect(world.running()).toEqual(['h1: hello-r2.web.2@h1', 'a0: hello-r2@a0'])
    expect(world.machine('h1').fetched).toEqual(['Procfile', 'service.yaml'])
    expect(commandsOf(world)).toEqual(['survey place fetch start stop', 'survey place start'])
  })

  test('reads the smoke tests of a release from a host, and nothing else of it', async () => {
    const world = await twoReleases()
    world.tree.set('service.yaml', serviceText.replace('smoke: []', 'smoke: ["smoke/**/*.hurl"]'))
    world.tree.set('smoke/deep/ready.hurl', 'GET {{base_url}}/\n')
    world.tree.set('smoke/notes.txt', 'none\n')
    world.nextCommit()
    await deploy(world.needs(), request)
    world.tree.set('service.yaml', serviceText)
    world.nextCommit()
    await deploy(world.needs(), request)
    forgetCommands(world)
    world.smokeRequests.length = 0

    await rollback(elsewhere(world), where)

    expect([...world.machines.values()].flatMap(({fetched}) => fetched)).toEqual(['smoke/deep/ready.hurl'])
    expect(world.smokeRequests).toMatchObject([{root: expect.stringMatching(/^\/builds\//), release: 3}])
    expect(world.staged.size).toBe(0)
  })

  test('does not believe a host that lists other files, says so, and asks the next one', async () => {
    const world = await twoReleases()
    const [lying, renumbered] = [world.machine('h1'), world.machine('h2')]
    const right = lying.manifests.get(1)!
    lying.manifests.set(1, {...right, files: right.files.slice(1)})
    renumbered.manifests.set(1, {...right, commit: 'f'.repeat(40)})

    await rollback(elsewhere(world), where)

    expect(warnings(world)).toEqual([
      'h1 lists other files than the catalog knows: it is not used',
      'h2 has another release under its number: it is not used',
    ])
    expect(lying.manifests.get(1)).toEqual({...right, parent: undefined})
    await expectOnlyRelease(world, 1, 'rolled back')
  })

  test('gets nothing from hosts that all lie: nothing is changed, and the way on is named', async () => {
    const world = await twoReleases()
    for (const machine of world.machines.values()) {
      const right = machine.manifests.get(1)!
      machine.manifests.set(1, {
        ...right,
        files: right.files.map((file) => ({...file, executable: true})),
      })
    }

    const failure = await failureOf(rollback(elsewhere(world), where))

    expect(failure).toMatchObject({
      code: 'E_DEPLOY_FAILED',
      details: {step: 'check'},
      why: expect.stringContaining('h3 lists other files than the catalog knows'),
    })
    await expectOnlyRelease(world, 2, 'refused')
    expect(commandsOf(world).join(' ')).not.toMatch(/place|start|stop|fetch/)
  })

  test('opens secrets that other stores have, with the files of the release that they lie in', async () => {
    const world = await liveFleet(1)
    world.tree.set('config/keys.yaml', 'stripe: ENC[]\n')
    for (const [name, reference] of Object.entries({
      STRIPE: 'secret://sops/config/keys.yaml#stripe',
      MAIL: 'secret://ssm/mail',
    })) {
      const content = {kind: 'reference', reference} as const
      const value = {v: 1, environment: fleetName, service: 'hello', name, content, ...setAt} as const
      const key = keys.configValue(fleetName, 'hello', name)
      await world.catalog.commit('test', [], [world.catalog.config.put(key, value)])
    }
    await deploy(world.needs(), request)
    forgetCommands(world)
    const directories: string[] = []
    const openSecrets: DeployNeeds['openSecrets'] = async ({directory}) => {
      directories.push(directory)
      return {}
    }

    await restart(elsewhere(world, {openSecrets}), where)
    const once = {...where, words: ['node', 'x.js'], host: undefined, timeoutMillis: 1_000}
    await runOnce(elsewhere(world, {openSecrets}), {...once, onLine: () => undefined})

    expect(directories).toEqual([expect.stringMatching(/^\/builds\//), expect.stringMatching(/^\/builds\//)])
    expect(world.machine('h1').fetched).toEqual(['config/keys.yaml', 'config/keys.yaml'])
    expect(world.staged.size).toBe(0)
  })

  test('takes a file from the next host where one has lost it', async () => {
    const world = await twoReleases()
    await addHost(world, 'h4')
    world.machine('h1').failures.set(
      'fetch',
      new YardError('E_ARTIFACT', {
        what: "Can't use the files of h1",
        why: 'server.js differs',
        next: ['there'],
      }),
    )

    await restart(elsewhere(world), where)

    expect([...world.machine('h4').running.keys()]).toEqual(['hello-r2@h4'])
    expect(world.machine('h1').fetched).toEqual([])
    expect(world.machine('h2').fetched).toEqual(['Procfile', 'service.yaml'])
  })

  test('passes over a host that is away', async () => {
    const world = await twoReleases()
    world.machine('h1').away = 'the cable is out'

    const failure = await failureOf(rollback(elsewhere(world), where))

    expect(failure).toMatchObject({code: 'E_DEPLOY_FAILED', why: expect.stringContaining('the cable is out')})
    expect(world.machine('h2').commands).toContain('survey')
    await rollback(elsewhere(world), {...where, onFailure: 'continue'})
    expect((await world.fleetBinding())?.active).toBe(1)
  })

  test('takes nothing for a release of which the catalog does not know the files', async () => {
    const world = await twoReleases()
    const key = keys.release('hello', 1)
    const older = {...(await world.catalog.releases.get(key))!.record, filesDigest: undefined}
    await world.catalog.commit('test', [], [world.catalog.releases.put(key, older)])

    expect(await failureOf(rollback(elsewhere(world), where))).toMatchObject({
      code: 'E_DEPLOY_FAILED',
      why: expect.stringContaining('the catalog does not say what its files are'),
    })
    expect(commandsOf(world)).toEqual(['', '', ''])
  })
})

describe('a deploy that was killed elsewhere', () => {
  test.each(['unpack after', 'start before', 'health after', 'move after', 'smoke before', 'drain before'])(
    'at "%s" goes on where nothing was built',
    async (place) => {
      const world = await liveFleet(3)
      expect(await killAt(world, place, (needs) => deploy(needs, request))).toBe(place)

      const report = await resumeDeploy(elsewhere(world), resumption)

      expect(report).toMatchObject({outcome: 'live', release: 2})
      await expectOnlyRelease(world, 2, place)
      expectNeverLess(world, place)
    },
  )

  test('before any host had the release stands where it stood', async () => {
    const world = await liveFleet(3)
    await killAt(world, 'unpack before', (needs) => deploy(needs, request))

    const failure = await failureOf(resumeDeploy(elsewhere(world), resumption))

    expect(failure).toMatchObject({
      code: 'E_ARTIFACT',
      next: expect.arrayContaining([expect.stringContaining('yard deploy --ref')]),
    })
    expect((await world.fleetDeploys())[1]).toMatchObject({outcome: 'running'})
    await resumeDeploy(world.needs(), resumption)
    await expectOnlyRelease(world, 2, 'resumed')
  })
})

describe('a promotion by a machine that built nothing', () => {
  async function promotable(): Promise<FleetWorld> {
    const world = await liveFleet(1)
    await world.catalog.commit(
      'test',
      [],
      [
        world.catalog.environments.put(keys.environment('production'), {
          v: 1,
          name: 'production',
          kind: 'hosts',
          router: {address: '127.0.0.1', port: 7090, header: 'Yard-Service'},
        }),
      ],
    )
    await addHost(world, 'p1', 'production')
    await addHost(world, 'p2', 'production')
    return world
  }

  test('takes its files from the fleet that it comes from', async () => {
    const world = await promotable()

    const report = await promote(elsewhere(world), {service: 'hello', from: fleetName, to: 'production'})

    expect(report).toMatchObject({release: 2, outcome: 'live'})
    const from = (await world.catalog.releases.get(keys.release('hello', 1)))!.record
    const to = (await world.catalog.releases.get(keys.release('hello', 2)))!.record
    expect(to).toMatchObject({promotedFrom: 1, artifact: from.artifact, filesDigest: from.filesDigest})
    expect(world.machine('p1').commands).toEqual(['survey', 'place', 'start'])
    expect(world.machine('h1').commands).toEqual(['recall', 'fetch', 'recall', 'fetch'])
    expect(world.machine('h1').fetched).toEqual(['Procfile', 'service.yaml', 'Procfile', 'service.yaml'])
    expect([...world.machine('p2').running.keys()]).toEqual(['hello-r2@p2'])
    expect(world.staged.size).toBe(0)
  })

  test('goes on where it was killed before its first host had anything', async () => {
    const world = await promotable()
    const wanted = {service: 'hello', from: fleetName, to: 'production'}
    await killAt(world, 'unpack before', (needs) => promote(needs, wanted))

    const number = {service: 'hello', environment: 'production', number: 1, directory: resumption.directory}
    const report = await resumeDeploy(elsewhere(world), number)

    expect(report).toMatchObject({release: 2, outcome: 'live'})
    expect([...world.machine('p1').running.keys()]).toEqual(['hello-r2@p1'])
  })
})
