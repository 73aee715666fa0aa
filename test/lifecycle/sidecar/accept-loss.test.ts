import {beforeEach, expect, test} from '@jest/globals'

import {MemoryStore} from '../../../src/adapters/store-memory/index.js'
import {Catalog} from '../../../src/catalog/catalog.js'
import {keys} from '../../../src/catalog/keys.js'
import {acceptLoss, type AcceptLossNeeds, type HeldLoss} from '../../../src/lifecycle/sidecar/accept-loss.js'
import {ManualClock} from '../../fakes/clock.js'
import {failureOf} from '../../fakes/failure-of.js'
import {anAgent, anEnvironment} from '../../fakes/records.js'
import {aSidecarStatus} from '../../fakes/sidecar.js'

const environment = 'staging'
const loss = 'billing: 3 of 5 instances vanished'
let catalog: Catalog
let asked: (readonly HeldLoss[])[]
let needs: AcceptLossNeeds

beforeEach(() => {
  catalog = new Catalog(new MemoryStore())
  asked = []
  const confirm = async (held: readonly HeldLoss[]) => void asked.push(held)
  needs = {catalog, clock: new ManualClock(), report: () => undefined, actor: 'ada@laptop', confirm}
})

async function hold(...suspects: string[]): Promise<void> {
  const agent = anAgent({sidecar: aSidecarStatus({suspects})})
  await catalog.store.transact([], [catalog.agents.put(keys.agent(environment, 'web-1'), agent)])
}

const accepted = () => catalog.lossAcceptances.get(keys.lossAcceptance(environment))

test('what is held is shown before it is let go of, and who did that is kept', async () => {
  await hold(loss)
  const report = await acceptLoss(needs, {environment, dryRun: false})
  expect(report).toEqual({
    environment,
    outcome: 'accepted',
    dryRun: false,
    held: [{host: 'web-1', losses: [loss]}],
  })
  expect(asked).toEqual([report.held])
  expect((await accepted())?.record).toMatchObject({by: 'ada@laptop', environment})
})

test('a second loss is accepted anew: the record is written again', async () => {
  await hold(loss)
  await acceptLoss(needs, {environment, dryRun: false})
  const first = (await accepted())?.modRevision ?? 0
  await acceptLoss(needs, {environment, dryRun: false})
  expect((await accepted())?.modRevision).toBeGreaterThan(first)
})

test('a dry run, and a person who does not agree, change nothing', async () => {
  await hold(loss)
  expect(await acceptLoss(needs, {environment, dryRun: true})).toMatchObject({
    outcome: 'accepted',
    dryRun: true,
  })
  needs.confirm = async () => {
    throw new Error('not confirmed')
  }
  await expect(acceptLoss(needs, {environment, dryRun: false})).rejects.toThrow('not confirmed')
  expect(await accepted()).toBeUndefined()
})

test('where nothing is held, nothing is asked and written: a later loss must not be accepted beforehand', async () => {
  await hold()
  expect(await acceptLoss(needs, {environment, dryRun: false})).toMatchObject({
    outcome: 'nothing-held',
    held: [],
  })
  expect([asked, await accepted()]).toEqual([[], undefined])
})

test('an environment whose own record was lost has sidecars that speak for it', async () => {
  expect(await failureOf(acceptLoss(needs, {environment, dryRun: false}))).toMatchObject({
    code: 'E_ENVIRONMENT_UNKNOWN',
  })
  await hold(loss)
  expect(await acceptLoss(needs, {environment, dryRun: false})).toMatchObject({outcome: 'accepted'})
})

test('an environment that nobody follows holds nothing', async () => {
  const key = keys.environment(environment)
  await catalog.store.transact([], [catalog.environments.put(key, anEnvironment())])
  expect(await acceptLoss(needs, {environment, dryRun: false})).toMatchObject({outcome: 'nothing-held'})
})
