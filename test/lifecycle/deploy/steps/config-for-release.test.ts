import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../../src/catalog/keys.js'
import {Secret} from '../../../../src/domain/secret.js'
import {YardError} from '../../../../src/errors.js'
import {deploy} from '../../../../src/lifecycle/deploy.js'
import {rollback} from '../../../../src/lifecycle/rollback.js'
import {type OpenRequest} from '../../../../src/lifecycle/secrets/open-secrets.js'
import {aConfigValue} from '../../../fakes/config.js'
import {commitOf, DeployWorld, root, serviceText} from '../../../fakes/deploy-world.js'
import {failureOf} from '../../../fakes/failure-of.js'
import {fakeSealed} from '../../../fakes/secret-box.js'

const request = {environment: 'local', directory: root, allowDirty: false}
const sealed = {kind: 'sealed' as const, sealed: fakeSealed('CANARY-7f3a')}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
  world.tree.set('service.yaml', `${serviceText}env: {MODE: good, REGION: us}\n`)
})

async function set(name: string, value: string, service?: string): Promise<void> {
  const record = aConfigValue({name, content: value === 'sealed' ? sealed : {kind: 'plain', value}})
  const key = keys.configValue('local', service, name)
  await world.catalog.commit(
    'set',
    [],
    [world.catalog.config.put(key, service ? {...record, service} : record)],
  )
}

const release = async (number: number) =>
  (await world.catalog.releases.get(keys.release('hello', number)))?.record

describe('a release', () => {
  test('has the config of its environment frozen into it, secrets apart', async () => {
    await set('LOG_LEVEL', 'info')
    await set('REGION', 'eu')
    await set('LOG_LEVEL', 'debug', 'hello')
    await set('KEY', 'sealed', 'hello')
    await set('OTHERS', 'x', 'billing')

    await deploy(world.needs(), request)

    expect(await release(1)).toMatchObject({secrets: {KEY: sealed}})
    expect((await release(1))?.variables).toEqual({LOG_LEVEL: 'debug', MODE: 'good', REGION: 'us'})
  })

  test('without secrets has no such field', async () => {
    await deploy(world.needs(), request)

    expect(await release(1)).not.toHaveProperty('secrets')
  })

  test('keeps what it has, also when traffic comes back to it', async () => {
    await set('LOG_LEVEL', 'old', 'hello')
    await deploy(world.needs(), request)
    await set('LOG_LEVEL', 'new', 'hello')
    world.head = commitOf('second')
    await deploy(world.needs(), request)

    expect((await release(2))?.variables['LOG_LEVEL']).toBe('new')
    await rollback(world.needs(), {service: 'hello', environment: 'local'})
    expect(await world.binding()).toBe(1)
    expect((await release(1))?.variables['LOG_LEVEL']).toBe('old')
  })

  test('is made without records that can not be trusted, which are named', async () => {
    const planted = ['BAD', 'PORT'].map((name) => ({
      put: keys.configValue('local', 'hello', name),
      value: '{"v":3}',
    }))
    await world.catalog.store.transact([], planted)
    await set('YARD_SERVICE', 'evil', 'hello')

    await deploy(world.needs(), request)

    expect((await release(1))?.variables).toEqual({MODE: 'good', REGION: 'us'})
    const warnings = world.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []))
    expect(warnings.filter((text) => text.includes('config/services/hello/BAD'))).toHaveLength(1)
  })
})

describe('the release process', () => {
  const seen: (Record<string, string> | undefined)[] = []
  const requests: OpenRequest[] = []

  function needs(open: () => Promise<Record<string, Secret>>) {
    const {commands} = world.needs()
    return world.needs({
      openSecrets: (asked: OpenRequest) => {
        requests.push(asked)
        return open()
      },
      commands: {
        run: (...args: Parameters<typeof commands.run>) => {
          seen.push(args[1].variables)
          return commands.run(...args)
        },
      },
    })
  }

  beforeEach(async () => {
    seen.length = 0
    requests.length = 0
    await set('KEY', 'sealed', 'hello')
  })

  test('gets the secrets, opened for it alone', async () => {
    world.tree.set('Procfile', 'web: node server.js\nrelease: node migrate.js\n')

    const report = await deploy(
      needs(async () => ({KEY: new Secret('CANARY-7f3a')})),
      request,
    )

    expect(seen.at(-1)).toMatchObject({KEY: 'CANARY-7f3a', MODE: 'good', YARD_SERVICE: 'hello'})
    expect(requests).toMatchObject([{secrets: {KEY: sealed}, directory: '/releases/hello/r1'}])
    const kept = await world.catalog.store.range('/')
    expect(JSON.stringify([report, world.events, kept])).not.toContain('CANARY')
  })

  test('without one in the Procfile nothing is opened by the deploy', async () => {
    await deploy(
      needs(async () => ({})),
      request,
    )

    expect(requests).toEqual([])
  })

  test('fails the deploy before anything is started when a secret can not be opened', async () => {
    world.tree.set('Procfile', 'web: node server.js\nrelease: node migrate.js\n')
    const refusal = new YardError('E_SECRET_TOOL', {
      what: "Can't open KEY",
      why: 'op is not installed',
      next: ['install op'],
    })

    const error = await failureOf(
      deploy(
        needs(() => Promise.reject(refusal)),
        request,
      ),
    )

    expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', details: {step: 'prepare'}, next: ['install op']})
    expect(error.why).toContain('op is not installed')
    expect(world.commandLines).toEqual(['make'])
    expect([await world.binding(), await world.instances()]).toEqual([undefined, []])
  })
})

test('an instance whose secrets can not be opened fails the deploy at once, and the old release keeps the traffic', async () => {
  await deploy(world.needs(), request)
  world.head = commitOf('second')
  world.agent.behaviours.set(2, {problem: "Can't open KEY: it was sealed to others", readyAfterMillis: 1e9})
  const before = world.clock.monotonicMillis()

  const error = await failureOf(deploy(world.needs(), request))

  expect(error).toMatchObject({code: 'E_DEPLOY_FAILED', details: {step: 'health', live: 1}})
  expect(error.why).toContain("hello-r2@localhost can't be started: Can't open KEY: it was sealed to others")
  expect(await world.binding()).toBe(1)
  // Long before the 30 s that an instance has to become ready.
  expect(world.clock.monotonicMillis() - before).toBeLessThan(15_000)
})
