import {expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {Secret} from '../../../src/domain/secret.js'
import {YardError} from '../../../src/errors.js'
import {deploy} from '../../../src/lifecycle/deploy.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {aConfigValue} from '../../fakes/config.js'
import {failureOf} from '../../fakes/failure-of.js'
import {type FleetWorld} from '../../fakes/fleet-world.js'
import {resumption} from '../../fakes/halfway.js'
import {killAt} from '../../fakes/killing.js'
import {fleetRequest as request, liveFleet} from '../../fakes/live-fleet.js'
import {fakeSealed} from '../../fakes/secret-box.js'

const canary = 'CANARY-7f3a91'
/** Lines of it end where a line of a log does, and tabs are shown as blanks. */
const key = `{\n\t"key": "${canary}",\n\t"more":\t"${canary}"\n}`
/** Where a line is cut for showing, in the middle of the secret. */
const untilCut = 'x'.repeat(490)

test.each([
  ['one line', canary, [`the key ${canary} is refused`], ['the key *** is refused']],
  ['several lines', key, ['the key is', ...key.split('\n')], ['the key is', '{', ' ***', ' ***', '}']],
  ['one line that is cut', canary, [`${untilCut}  ${canary}`], [`${untilCut}  ***`]],
])(
  'D11 a secret that a service writes to its log is in no error, no event and no record: %s',
  async (_title, secret, lines, shown) => {
    const world = await withSecret()
    world.behave(2, {status: 500, lines})
    let times = 0
    const openSecrets = async () => {
      times++
      return {KEY: new Secret(secret)}
    }

    const error = await failureOf(deploy(world.needs({openSecrets}), request))

    expect(times).toBe(1)
    expect(error.details?.['lastLines']).toEqual(shown)
    const kept = await world.catalog.store.range('/')
    expect(JSON.stringify([error, error.details, world.events, kept])).not.toContain(canary)
  },
)

test('D11 nor what a host says of a failure', async () => {
  const world = await withSecret()
  const openSecrets = async () => ({KEY: new Secret(canary)})
  const said = {
    what: "Can't start hello-r2@h2",
    why: `the unit says that ${canary} is refused`,
    next: ['yard doctor'] as [string],
  }
  world.machine('h2').failures.set('start', new YardError('E_STEP_FAILED', said))

  const error = await failureOf(deploy(world.needs({openSecrets}), request))

  const detail = expect.stringContaining('the unit says that *** is refused')
  const failed = {step: 'start', outcome: 'failed', detail, hosts: [{host: 'h2', outcome: 'failed', detail}]}
  expect((await world.fleetSteps(2)).filter(({outcome}) => outcome === 'failed')).toMatchObject([failed])
  const kept = await world.catalog.store.range('/')
  expect(JSON.stringify([error, error.details, world.events, kept])).not.toContain(canary)
})

test('D11 nor what the release process writes', async () => {
  const world = await withSecret()
  world.tree.set('Procfile', `web: node server.js\nrelease: echo ${canary}\n`)

  await deploy(world.needs({openSecrets: async () => ({KEY: new Secret(canary)})}), request)

  const output = world.events.filter(({kind}) => kind === 'step-output')
  expect(output).toContainEqual({kind: 'step-output', step: 'prepare', line: 'echo *** on h1'})
  expect(JSON.stringify(output)).not.toContain(canary)
})

test('D11 nor when another run goes on with a deploy whose instances were started before', async () => {
  const world = await withSecret()
  const openSecrets = async () => ({KEY: new Secret(canary)})
  const blueGreen = {...request, strategy: {strategy: 'blue-green' as const}}
  await killAt(world, 'health before', (needs) => deploy({...needs, openSecrets}, blueGreen))
  world.behave(2, {status: 500, lines: [`the key ${canary} is refused`]})

  const error = await failureOf(resumeDeploy(world.needs({openSecrets}), resumption))

  expect(error.details).toMatchObject({step: 'health', lastLines: ['the key *** is refused']})
  const kept = await world.catalog.store.range('/')
  expect(JSON.stringify([error, error.details, world.events, kept])).not.toContain(canary)
})

test('one that can not be opened keeps a deploy from going on, before anything is changed', async () => {
  const world = await withSecret()
  const openSecrets = async () => ({KEY: new Secret(canary)})
  await killAt(world, 'health before', (needs) => deploy({...needs, openSecrets}, request))
  const why = 'this machine has no identity'
  const unopened = new YardError('E_SECRET_IDENTITY', {what: "Can't open KEY", why, next: ['yard doctor']})
  const sealed = () => Promise.reject(unopened)

  expect(await failureOf(resumeDeploy(world.needs({openSecrets: sealed}), resumption))).toMatchObject({
    code: unopened.code,
  })

  expect(world.running()).toEqual(['h1: hello-r1@h1 hello-r2@h1', 'h2: hello-r1@h2'])
})

/** Release 1 is live, and the next one has a secret. */
async function withSecret(): Promise<FleetWorld> {
  const world = await liveFleet(2)
  const content = {kind: 'sealed' as const, sealed: fakeSealed('x')}
  const value = {...aConfigValue({name: 'KEY', content}), environment: 'staging', service: 'hello'}
  await world.catalog.commit(
    'set',
    [],
    [world.catalog.config.put(keys.configValue('staging', 'hello', 'KEY'), value)],
  )
  return world
}
