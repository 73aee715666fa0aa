import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {YardError} from '../../../src/errors.js'
import {deploy, deployPlan} from '../../../src/lifecycle/deploy.js'
import {type Behaviour} from '../../fakes/agent.js'
import {failureOf} from '../../fakes/failure-of.js'
import {aSmokeReport, commitOf, DeployWorld, localSteps, root, serviceText} from '../../fakes/deploy-world.js'

const request = {environment: 'local', directory: root, allowDirty: false}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
})

describe('a deploy that works', () => {
  test('goes through all steps, and one instance serves', async () => {
    const report = await deploy(world.needs(), request)

    expect(report).toMatchObject({service: 'hello', release: 1, deploy: 1, ref: 'main', dirty: false})
    expect(report.steps.map(({step}) => step)).toEqual([...localSteps])
    expect(world.agent.routed).toEqual(['nobody', 'hello-r1@localhost'])
    expect(await world.instances()).toMatchObject([{id: 'hello-r1@localhost', state: 'up'}])
    expect(await world.deploys()).toMatchObject([{number: 1, outcome: 'live', release: 1}])
    expect(await world.catalog.store.get(keys.lock('deploy/local/hello'))).toBeUndefined()
    expect(world.staged.size).toBe(0)
  })

  test('again starts the new release beside the old one, and never leaves the service without an instance', async () => {
    await deploy(world.needs(), request)
    world.head = commitOf('second')

    const report = await deploy(world.needs(), request)

    expect(report).toMatchObject({release: 2, before: 1})
    expect(world.agent.routed).toEqual(['nobody', 'hello-r1@localhost', 'hello-r2@localhost'])
    expect([...world.agent.running.keys()]).toEqual(['hello-r2@localhost'])
    expect(await world.ports()).toEqual(['hello-r2@localhost'])
    expect((await world.catalog.bindings.get(keys.binding('local', 'hello')))?.record).toMatchObject({
      active: 2,
      previous: 1,
    })
  })

  test('builds a commit once', async () => {
    await deploy(world.needs(), request)
    const report = await deploy(world.needs(), request)

    expect(world.commandLines).toEqual(['make'])
    expect(report.steps.find(({step}) => step === 'build')).toMatchObject({outcome: 'skipped'})
    expect(report.release).toBe(2)
  })

  test('writes a row for every step', async () => {
    await deploy(world.needs(), request)

    const rows = await world.catalog.deploySteps.list(keys.deploySteps('local', 'hello', 1))
    expect(rows.records.map(({record}) => record.step)).toEqual([...localSteps])
    expect(rows.records.every(({record}) => record.finishedAt !== undefined)).toBe(true)
  })

  test('runs workers without a port, and the release process once before anything is started', async () => {
    world.tree.set('Procfile', 'web: node server.js\nworker: node worker.js\nrelease: node migrate.js\n')

    await deploy(world.needs(), request)

    expect(world.commandLines).toEqual(['make', 'node migrate.js'])
    const instances = await world.instances()
    expect(instances.map(({id}) => id)).toEqual(['hello-r1.worker@localhost', 'hello-r1@localhost'])
    expect(instances[0]?.port).toBeUndefined()
  })

  test('with uncommitted changes records them, when that is allowed', async () => {
    world.changed = ['src/server.js']

    const report = await deploy(world.needs(), {...request, allowDirty: true})

    expect(report.dirty).toBe(true)
    const builds = await world.catalog.builds.list(keys.builds('hello'))
    expect(builds.records.map(({record}) => record.id)).toEqual([
      expect.stringMatching(/^[0-9a-f]{40}-dirty-[0-9a-f]{16}$/),
    ])
  })

  test('keeps five releases and the one a rollback returns to', async () => {
    for (let number = 1; number <= 8; number++) {
      world.head = commitOf(String(number))
      await deploy(world.needs(), request)
    }

    expect([...world.unpacked]).toEqual([4, 5, 6, 7, 8])
    expect(world.artifactsKept.size).toBe(5)
  })

  test('planned only, writes nothing', async () => {
    const before = await world.catalog.store.range('/')

    expect(await deployPlan(world.needs(), request)).toMatchObject({service: 'hello', hosts: ['localhost']})
    expect(await world.catalog.store.range('/')).toEqual(before)
  })
})

describe('a deploy that fails puts things back', () => {
  const failures: [string, Behaviour, string, RegExp][] = [
    ['never listens', {readyAfterMillis: 1e9}, 'health', /wasn't ready within 30 s: nothing listens/],
    ['answers 500', {status: 500}, 'health', /answers 500/],
    ['ends at once', {endsAfterMillis: 0}, 'health', /ended by itself with exit 1/],
    ['is healthy for two seconds and then dies', {endsAfterMillis: 2_500}, 'health', /ended by itself/],
    [
      'answers with the old release',
      {answersAs: 'hello-r1'},
      'health',
      /answers as hello-r1, not as hello-r2/,
    ],
    ['has its port taken', {ownsPort: false}, 'health', /another process listens/],
    ['dies once it has the traffic', {endsAfterMillis: 3_600}, 'drain', /ended by itself/],
  ]
  test.each(failures)('when the new release %s', async (_name, behaviour, step, why) => {
    await deploy(world.needs(), request)
    world.head = commitOf('second')
    world.agent.behaviours.set(1, {drainsAfterMillis: 2_000})
    world.agent.behaviours.set(2, behaviour)

    const error = await failureOf(deploy(world.needs(), request))

    expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', exitCode: 1, details: {step, live: 1}})
    expect(error.why).toMatch(why)
    expect(error.why).toContain('hello-r1 has the traffic')
    await expectOnlyRelease(1)
    expect((await world.deploys()).at(-1)).toMatchObject({outcome: 'failed', failedStep: step})
  })

  test('when the build fails, with its last lines', async () => {
    world.commandResults.set('make', {
      outcome: 'failed',
      exitCode: 2,
      lastLines: ['\u001b[31mno rule\u001b[0m'],
    })

    const error = await failureOf(deploy(world.needs(), request))

    expect(error).toMatchObject({details: {step: 'build', lastLines: [' [31mno rule [0m']}})
    expect(error.why).toContain('`make` ended with exit 2')
    expect(await world.instances()).toEqual([])
    const builds = await world.catalog.builds.list(keys.builds('hello'))
    expect(builds.records).toMatchObject([{record: {status: 'failed'}}])
  })

  test.each([
    ['timed-out', /was not done after 600 s/],
    ['not-found', /could not be started/],
    ['failed', /was ended by SIGKILL/],
  ] as const)('when the build is %s', async (outcome, why) => {
    world.commandResults.set('make', {outcome, signal: 'SIGKILL', lastLines: []})

    expect((await failureOf(deploy(world.needs(), request))).why).toMatch(why)
  })

  test('when the release process fails, before anything is started', async () => {
    world.tree.set('Procfile', 'web: node server.js\nrelease: migrate\n')
    world.commandResults.set('migrate', {outcome: 'failed', exitCode: 1, lastLines: []})

    expect(await failureOf(deploy(world.needs(), request))).toMatchObject({details: {step: 'prepare'}})
    expect(world.agent.routed).toEqual(['nobody'])
  })

  test('when smoke tests fail, the traffic moves back', async () => {
    await deploy(world.needs(), request)
    world.tree.set('service.yaml', serviceText.replace('[]', '[smoke/*.hurl]'))
    world.head = commitOf('second')
    world.smokeReports = [aSmokeReport({outcome: 'failed', failures: 2})]

    const error = await failureOf(deploy(world.needs(), request))

    expect(error).toMatchObject({details: {step: 'smoke', live: 1}})
    expect(world.smokeRequests).toMatchObject([{root: '/releases/hello/r2', release: 2}])
    expect(world.agent.routed).toEqual([
      'nobody',
      'hello-r1@localhost',
      'hello-r2@localhost',
      'hello-r1@localhost',
    ])
    await expectOnlyRelease(1)
  })

  test('when the first deploy fails after the move, the service has no release again', async () => {
    world.tree.set('service.yaml', serviceText.replace('[]', '[smoke/*.hurl]'))
    world.smokeReports = [aSmokeReport({outcome: 'failed', failures: 1})]

    expect((await failureOf(deploy(world.needs(), request))).why).toContain('nothing of it is live')
    expect(await world.binding()).toBeUndefined()
    expect(await world.instances()).toEqual([])
    expect(world.unpacked.size).toBe(0)
  })

  test('when the host stops following the catalog, with its problem', async () => {
    await deploy(world.needs(), request)
    const error = await failureOf(
      deploy(
        world.needs({
          failpoint: async (step, moment) => {
            if (step === 'move' && moment === 'before') world.agent.problem = 'haproxy refuses it'
            if (step === 'move' && moment === 'after') throw new Error('never here')
          },
        }),
        request,
      ),
    )

    expect(error.why).toContain('haproxy refuses it')
    expect(await world.binding()).toBe(1)
  })

  test('when any step throws, whichever it is', async () => {
    await deploy(world.needs(), request)
    for (const step of localSteps.slice(0, -1)) {
      world.head = commitOf(step)
      const failpoint = async (at: string, moment: string) => {
        if (at === step && moment !== 'before' && moment !== 'after') throw new Error('broken on purpose')
      }
      await deploy(world.needs({failpoint}), request).catch(() => undefined)
      const binding = await world.binding()
      world.agent.behaviours.clear()
      expect(binding).toBeDefined()
      expect(await world.instances()).toMatchObject([{release: binding, state: 'up'}])
    }
  })

  test('when the catalog can not be written any more for a while', async () => {
    await deploy(world.needs(), request)
    for (const step of ['start', 'health', 'move', 'smoke', 'drain']) {
      world.head = commitOf(step)
      const transact = world.catalog.store.transact.bind(world.catalog.store)
      const failpoint = async (at: string, moment: string) => {
        if (at !== step || moment !== 'before') return
        world.catalog.store.transact = () => {
          world.catalog.store.transact = transact
          return Promise.reject(new Error('disk full'))
        }
      }

      const error = await failureOf(deploy(world.needs({failpoint}), request))

      expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', details: {step}})
      await expectOnlyRelease(1)
    }
  })

  test('when Ctrl-C comes, at any step before the old release is stopped', async () => {
    await deploy(world.needs(), request)
    for (const step of localSteps.slice(0, -2)) {
      world.head = commitOf(step)
      const controller = new AbortController()
      const failpoint = async (at: string, moment: string) => {
        if (at === step && moment === 'after') controller.abort(interruption())
      }

      const error = await failureOf(deploy(world.needs({signal: controller.signal, failpoint}), request))

      expect(error).toMatchObject({code: 'E_INTERRUPTED', exitCode: 130})
      await expectOnlyRelease(1)
      expect((await world.deploys()).at(-1)).toMatchObject({outcome: 'interrupted'})
    }
  })
})

test('an instance that ignores SIGTERM is waited for until it is killed', async () => {
  await deploy(world.needs(), request)
  world.agent.behaviours.set(1, {stopsAfterMillis: 12_000})
  world.head = commitOf('second')

  await deploy(world.needs(), request)

  await expectOnlyRelease(2)
})

test('of two deploys at once, one goes on and the other is told who is at work', async () => {
  const first = deploy(world.needs(), request)
  const second = await failureOf(deploy(world.needs(), request))

  expect(second).toMatchObject({code: 'E_LOCKED', exitCode: 3})
  expect(second.why).toContain('ada@laptop')
  await first
  await expectOnlyRelease(1)
})

async function expectOnlyRelease(release: number): Promise<void> {
  expect(await world.binding()).toBe(release)
  expect(await world.instances()).toMatchObject([{release, state: 'up'}])
  expect([...world.agent.running.keys()]).toEqual([`hello-r${release}@localhost`])
  expect(await world.ports()).toEqual([`hello-r${release}@localhost`])
  expect(world.agent.routed.slice(1)).not.toContain('nobody')
}

function interruption(): YardError {
  return new YardError('E_INTERRUPTED', {what: 'Stopped', why: 'Ctrl-C was received', next: ['again']})
}
