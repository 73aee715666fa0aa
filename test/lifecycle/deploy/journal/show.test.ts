import {beforeEach, describe, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../../src/catalog/catalog.js'
import {keys} from '../../../../src/catalog/keys.js'
import {type YardEvent} from '../../../../src/contracts/report.js'
import {type Deploy, type DeployStep} from '../../../../src/domain/deploy.js'
import {listDeploys} from '../../../../src/lifecycle/deploy/journal/list.js'
import {showDeploy} from '../../../../src/lifecycle/deploy/journal/show.js'
import {deploysView} from '../../../../src/terminal/deploys-view.js'
import {deployShowView} from '../../../../src/terminal/deploy-show-view.js'
import {aDeploy, anEnvironment, anInstance, aService} from '../../../fakes/records.js'

const now = new Date('2026-11-20T12:05:00.000Z')
let catalog: Catalog
let events: YardEvent[]
let living: Set<number>

beforeEach(async () => {
  catalog = new Catalog(new MemoryStore())
  events = []
  living = new Set()
  await plant({
    [keys.environment('staging')]: anEnvironment(),
    [keys.service('hello')]: aService(),
    [keys.service('orders')]: aService({name: 'orders'}),
  })
})

async function plant(entries: Record<string, unknown>): Promise<void> {
  const writes = Object.entries(entries).map(([put, value]) => ({put, value: JSON.stringify(value)}))
  await catalog.store.transact([], writes)
}

const needs = () => ({
  catalog,
  report: (event: YardEvent) => events.push(event),
  identity: {host: 'laptop', isAlive: ({pid}: {pid: number}) => living.has(pid)},
})
const show = (number: number) => showDeploy(needs(), {service: 'hello', environment: 'staging', number})
const list = (service?: string, limit = 20) => listDeploys(needs(), {service, environment: 'staging', limit})

async function plantDeploy(changes: Partial<Deploy>): Promise<void> {
  const deploy = aDeploy({environment: 'staging', ...changes})
  if (changes.outcome === 'running') delete deploy.finishedAt
  await plant({[keys.deploy('staging', deploy.service, deploy.number)]: deploy})
}

async function plantSteps(deploy: number, steps: Partial<DeployStep>[]): Promise<void> {
  for (const [place, changes] of steps.entries()) {
    const step: DeployStep = {
      v: 1,
      deploy,
      step: 'start',
      attempt: 1,
      startedAt: `2026-11-20T12:00:0${place}.000Z`,
      outcome: 'done',
      durationMillis: 1_200,
      ...changes,
    }
    await plant({[keys.deployStep('staging', 'hello', deploy, place + 1, step.attempt)]: step})
  }
}

async function plantLock(pid: number, host = 'laptop'): Promise<void> {
  await plant({
    [keys.lock('deploy/staging/hello')]: {
      v: 1,
      name: 'deploy/staging/hello',
      holder: 'ada@laptop',
      host,
      pid,
      processStartedAt: '1',
      purpose: 'deploy hello to staging',
      since: '2026-11-20T12:00:00.000Z',
    },
  })
}

/** One that was killed while it started the second of two batches. */
async function plantKilled(): Promise<void> {
  await plantDeploy({
    number: 2,
    release: 2,
    before: 1,
    outcome: 'running',
    strategy: {kind: 'rolling', batch: {hosts: 1}},
    batches: [['web-1'], ['web-2']],
    onFailure: 'rollback',
  })
  await plantSteps(2, [
    {step: 'unpack', hosts: [done('web-1'), done('web-2')]},
    {step: 'start', batch: 1, hosts: [done('web-1')]},
    {step: 'move', batch: 1},
    {step: 'start', batch: 2, outcome: 'running', hosts: [{host: 'web-2', outcome: 'running'}]},
  ])
}

const done = (host: string) => ({host, outcome: 'done' as const})

describe('what is shown of a deploy', () => {
  test('D14 one that was killed is abandoned: where it was cut, how far each host got, and what to do', async () => {
    await plantKilled()

    const report = await show(2)

    expect(report).toMatchObject({
      state: 'abandoned',
      hosts: [
        {host: 'web-1', batch: 1, step: 'start', outcome: 'done'},
        {host: 'web-2', batch: 2, step: 'start', outcome: 'cut'},
      ],
      next: [
        'yard deploy resume 2 --service hello --env staging',
        'yard deploy abort 2 --service hello --env staging',
      ],
    })
    expect(report.steps.at(-1)).toMatchObject({step: 'start', batch: 2, outcome: 'cut'})
    const text = deployShowView(report, now)
    expect(text).toMatch(/deploy 2 of hello to staging was abandoned in the step start 2/)
    expect(text).toMatch(/hello-r2 \(hello-r1 was live before\)/)
    expect(text).toMatch(/web-1\s+1\s+hello-r2 has its traffic/)
    expect(text).toMatch(/web-2\s+2\s+cut short in start/)
  })

  test('instances that had to be killed are named', async () => {
    await plantDeploy({number: 2, outcome: 'live', killed: ['hello-r1@web-1']})

    expect(deployShowView(await show(2), now)).toMatch(/killed +hello-r1@web-1: SIGTERM did not end it/)
  })

  test('one whose holder lives is at work, and says whose it is', async () => {
    await plantKilled()
    await plantLock(7)
    living.add(7)

    const report = await show(2)

    expect(report).toMatchObject({state: 'running', holder: {holder: 'ada@laptop', pid: 7}})
    expect(report.steps.at(-1)).toMatchObject({outcome: 'running'})
    expect(deployShowView(report, now)).toContain('is at work, by ada@laptop on laptop')
  })

  test('a lock whose process is gone holds nothing; of another machine nobody can tell', async () => {
    await plantKilled()
    await plantLock(7)
    expect(await show(2)).toMatchObject({state: 'abandoned'})
    await plantLock(7, 'desktop')
    expect(await show(2)).toMatchObject({state: 'running'})
  })

  test('an older one that says it runs was killed, and can neither go on nor back', async () => {
    await plantKilled()
    await plantDeploy({number: 3, release: 3})
    await plantLock(7)
    living.add(7)

    expect(await show(2)).toMatchObject({state: 'abandoned', next: ['yard deploy --env staging']})
  })

  test.each([
    ['live', /went live: hello-r1 got the traffic/, 'yard rollback hello --env staging'],
    ['failed', /failed at health: it ended/, 'yard logs tail hello --env staging --no-follow'],
    ['interrupted', /was interrupted at health/, 'yard deploy resume 1 --service hello --env staging'],
    ['paused', /is paused at health/, 'yard deploy resume 1 --service hello --env staging'],
    ['partial', /is live on some hosts only/, 'yard deploy --env staging'],
    ['aborted', /was aborted/, 'yard deploy --env staging'],
  ] as const)('one that is %s says so in words', async (outcome, words, next) => {
    await plantDeploy({
      outcome,
      ...(outcome === 'live' ? {before: 4} : {failedStep: 'health', why: 'it ended\nby itself'}),
    })

    const report = await show(1)

    expect(deployShowView(report, now)).toMatch(words)
    expect(report.next).toContain(next)
  })

  test.each([
    ['the first one', {}],
    ['a restart', {kind: 'restart', before: 1}],
  ] as const)('after %s there is nothing to go back to', async (_, changes) => {
    await plantDeploy({...changes, outcome: 'live'})

    expect((await show(1)).next).toEqual(['yard ps hello --env staging'])
  })

  test('what should have ended on a host that was away is told, and that the next deploy ends it', async () => {
    await plantKilled()
    await plantDeploy({
      number: 2,
      release: 2,
      before: 1,
      outcome: 'failed',
      failedStep: 'start',
      why: 'h',
      batches: [['web-1'], ['web-2']],
    })
    const left = {release: 2, deploy: 2, environment: 'staging', service: 'hello', state: 'down' as const}
    const instance = anInstance({...left, id: 'hello-r2@web-1', host: 'web-1'})
    await plant({[keys.instance('staging', 'hello', instance.id)]: instance})

    const report = await show(2)

    expect(report.hosts).toMatchObject([{host: 'web-1', left: ['hello-r2@web-1']}, {host: 'web-2'}])
    expect(report.hosts[1]).not.toHaveProperty('left')
    expect(deployShowView(report, now)).toMatch(
      /web-1\s+1\s+hello-r2@web-1 may still run there, the next deploy ends it/,
    )
  })

  test('also once it is live, what it took the place of may still run', async () => {
    await plantDeploy({number: 2, release: 2, before: 1, batches: [['web-1']]})
    await plantSteps(2, [{step: 'drain', outcome: 'failed', hosts: [done('web-1')]}])
    const old = {release: 1, deploy: 1, environment: 'staging', service: 'hello', state: 'down' as const}
    const instance = anInstance({...old, id: 'hello-r1@web-1', host: 'web-1'})
    await plant({[keys.instance('staging', 'hello', instance.id)]: instance})

    expect(deployShowView(await show(2), now)).toMatch(
      /web-1\s+1\s+got hello-r2; hello-r1@web-1 may still run there/,
    )
  })

  test('where nothing of the release ever ran, nobody is sent to its logs', async () => {
    await plantDeploy({outcome: 'failed', failedStep: 'unpack', why: 'no room'})

    expect((await show(1)).next).toEqual(['yard deploy --env staging'])
  })

  test('one that never was is unknown', async () => {
    await plantDeploy({number: 4})

    await expect(show(5)).rejects.toMatchObject({
      code: 'E_DEPLOY_UNKNOWN',
      exitCode: 2,
      why: 'the newest one is 4',
    })
    await expect(
      showDeploy(needs(), {service: 'helo', environment: 'staging', number: 1}),
    ).rejects.toMatchObject({code: 'E_SERVICE_UNKNOWN'})
  })

  test('a step that can not be trusted is told of and left out; a record that can not is refused', async () => {
    await plantKilled()
    await plant({[keys.deployStep('staging', 'hello', 2, 9, 1)]: {v: 1, deploy: 2, step: 'dance'}})
    expect((await show(2)).steps).toHaveLength(4)
    expect(events).toMatchObject([{kind: 'warning'}])
    await plant({[keys.deploy('staging', 'hello', 2)]: {v: 1}})
    await expect(show(2)).rejects.toMatchObject({code: 'E_CATALOG_CORRUPT'})
  })

  test('nothing of it can do something to a terminal', async () => {
    await plantDeploy({outcome: 'failed', why: '\u001b[2J', ref: '\u001b]0;x\u0007', by: '\u009b31m'})
    await plantSteps(1, [{outcome: 'failed', detail: '\u001b[31m'}])

    expect(deployShowView(await show(1), now)).not.toMatch(/[\u001b\u009b\u0007]/)
  })
})

describe('the list of deploys', () => {
  test('has the newest first, of one service or of all, with what became of each', async () => {
    await plantDeploy({number: 1})
    await plantDeploy({
      number: 2,
      kind: 'rollback',
      outcome: 'failed',
      failedStep: 'health',
      startedAt: '2026-11-20T12:02:00.000Z',
      finishedAt: '2026-11-20T12:02:04.200Z',
    })
    await plantDeploy({
      number: 1,
      service: 'orders',
      startedAt: '2026-11-20T12:01:00.000Z',
      outcome: 'running',
    })

    const all = await list()

    expect(all.map(({number, service, state}) => [service, number, state])).toEqual([
      ['hello', 2, 'failed'],
      ['orders', 1, 'abandoned'],
      ['hello', 1, 'live'],
    ])
    expect((await list('hello')).map(({number}) => number)).toEqual([2, 1])
    expect((await list(undefined, 1)).map(({number}) => number)).toEqual([2])
    const text = deploysView(all, {environment: 'staging', now})
    expect(text).toMatch(
      /2\s+hello\s+rollback\s+hello-r1\s+failed at health\s+3 min ago\s+4\.2 s\s+ada@laptop/,
    )
    expect(text).toContain('deploy 1 of orders was killed: yard deploy show 1 --service orders --env staging')
  })

  test('is empty where nothing was deployed', async () => {
    expect(await list()).toEqual([])
    expect(deploysView([], {environment: 'staging', now})).toContain('yard deploy --env staging')
  })
})
