import {beforeEach, describe, expect, test} from '@jest/globals'

import {keys} from '../../../src/catalog/keys.js'
import {YardError} from '../../../src/errors.js'
import {deploy, type DeployRequest} from '../../../src/lifecycle/deploy.js'
import {DeployWorld, root, serviceText} from '../../fakes/deploy-world.js'

const request: DeployRequest = {environment: 'local', directory: root, allowDirty: false}
let world: DeployWorld

beforeEach(async () => {
  world = await new DeployWorld().open()
})

describe('a deploy is refused before anything is written', () => {
  test('outside of a repository', () =>
    expectRefusal({...request, directory: '/tmp'}, 'E_NO_REPOSITORY', 2, /not in a git/))

  test('without a service file, with the way to get one', async () => {
    world.tree.delete('service.yaml')

    const error = await expectRefusal(request, 'E_SERVICE_FILE', 2, /service.yaml:1:1 is not there/)
    expect(error.next).toEqual(['yard register --init'])
  })

  test('of a service that is not registered', async () => {
    world.tree.set('service.yaml', serviceText.replace('hello', 'other'))

    const error = await expectRefusal(request, 'E_SERVICE_UNKNOWN', 2, /does not know it yet/)
    expect(error.next[0]).toBe('yard register   # in the directory of the service')
  })

  test('of a service whose name only begins with a registered one', async () => {
    world.tree.set('service.yaml', serviceText.replace('hello', 'hello-admin'))

    await expectRefusal(request, 'E_SERVICE_UNKNOWN', 2, /does not know it yet/)
  })

  test.each(['nope', '--output=/tmp/x', 'a..b', ''])('of the ref %j', (ref) =>
    expectRefusal({...request, ref}, 'E_REF_UNKNOWN', 2, /no commit, branch or tag/),
  )

  test('with changes that are in no commit, with three ways out', async () => {
    world.changed = ['a.js', 'b\u001b[2J', 'c', 'd', 'e', 'f']

    const error = await expectRefusal(
      request,
      'E_WORK_TREE_DIRTY',
      3,
      /a\.js, b\\u001b\[2J, c, d, e and 1 more/,
    )
    expect(error.next.join('\n')).toMatch(/commit[^]*--ref HEAD[^]*--allow-dirty/)
  })

  test('into an environment that is down', async () => {
    await world.catalog.store.transact([], [{delete: keys.agent('local', 'localhost')}])

    const error = await expectRefusal(request, 'E_ENVIRONMENT_DOWN', 4, /local is down/)
    expect(error.next[0]).toBe('yard up --detach')
  })

  test('of a service whose binding can not be trusted: nobody knows then which instances are live', async () => {
    await world.catalog.store.transact(
      [],
      [{put: keys.binding('local', 'hello'), value: '{"v":1,"active":"r1"}'}],
    )

    await expectRefusal(request, 'E_CATALOG_CORRUPT', 4, /can't be trusted/)
  })

  test('into an environment that is unknown', () =>
    expectRefusal({...request, environment: 'staging'}, 'E_ENVIRONMENT_UNKNOWN', 2, /knows no environment/))

  test.each(['..', 'A', 'a/b', ''])('into the environment %j', (environment) =>
    expectRefusal({...request, environment}, 'E_NAME_INVALID', 2, /lower-case/),
  )

  const badFiles: [string, string, RegExp][] = [
    ['empty', '', /service.yaml:1:1 is empty/],
    ['comments only', '# nothing\n', /is empty/],
    ['not YAML', 'name: [hello', /service.yaml:1:\d+ flow sequence/],
    ['a list', '- a\n', /must be a group of keys/],
    ['a sentence', 'hello there', /must be a group of keys/],
    [
      'an unknown key',
      `${serviceText}onwer: x\n`,
      /service.yaml:6:1 onwer is not a key of service.yaml; did you mean owner\?/,
    ],
    [
      'an unknown key further in',
      `${serviceText}health:\n  pth: /x\n`,
      /service.yaml:7:3 health.pth .*did you mean path\?/,
    ],
    ['a wrong type', serviceText.replace('[make]', 'make'), /service.yaml:4:1 build must be a list/],
    ['a duplicate key', `${serviceText}owner: x\n`, /service.yaml:6:1 map keys must be unique/],
    [
      'a port of 70000',
      `${serviceText}port: 70000\n`,
      /service.yaml:6:1 port must be a port number from 1 to 65535/,
    ],
    [
      'a name that is none',
      serviceText.replace('hello', 'Hello World'),
      /service.yaml:1:1 name .* try hello-world/,
    ],
    [
      'a time without unit',
      `${serviceText}health: {timeout: 30}\n`,
      /health.timeout must be a time such as 30s/,
    ],
    ['a time of a day', `${serviceText}drain: {timeout: 24h}\n`, /drain.timeout must be at most 1h/],
    [
      'a smoke glob that climbs',
      serviceText.replace('smoke: []', 'smoke: [../x]'),
      /smoke.0 must stay below/,
    ],
    ['a variable that yard sets', `${serviceText}env: {PORT: 1}\n`, /env.PORT is set by yard/],
    ['a tag', `${serviceText}port: !!js/function x\n`, /unresolved tag/],
    ['two documents', `${serviceText}---\na: 1\n`, /multiple documents/],
    [
      'aliases that multiply',
      `a: &a [x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`,
      /alias/,
    ],
    ['a circle', 'name: &a [*a]\n', /can't stand for what holds it/],
    ['brackets without end', '['.repeat(10_000), /nested too deeply/],
  ]
  test.each(badFiles)('with a service file that is %s', async (_name, text, why) => {
    world.tree.set('service.yaml', text)

    await expectRefusal(request, 'E_SERVICE_FILE', 2, why)
  })

  test('and all problems of both files are listed, each with its place', async () => {
    world.tree.set('service.yaml', 'nmae: x\nowner: 5\n')
    world.tree.set('Procfile', 'web\nWorker: x\n')

    const error = await expectRefusal(request, 'E_SERVICE_FILE', 2, /did you mean name/)
    expect(error.details?.['problems']).toEqual([
      {
        file: 'service.yaml',
        line: 1,
        column: 1,
        message: 'nmae is not a key of service.yaml; did you mean name?',
      },
      {file: 'service.yaml', line: 1, column: 1, message: 'name is missing'},
      {file: 'service.yaml', line: 2, column: 1, message: 'owner must be text'},
      {file: 'service.yaml', line: 1, column: 1, message: 'description is missing'},
      {file: 'Procfile', line: 1, column: 1, message: expect.stringContaining('no colon')},
      {file: 'Procfile', line: 2, column: 1, message: expect.stringContaining('lower-case')},
    ])
  })
})

async function expectRefusal(
  asked: DeployRequest,
  code: string,
  exitCode: number,
  why: RegExp,
): Promise<YardError> {
  const before = await world.catalog.store.range('/')
  const error = await deploy(world.needs(), asked).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

  expect(error).toBeInstanceOf(YardError)
  expect(error).toMatchObject({code, exitCode, why: expect.stringMatching(why)})
  expect(await world.catalog.store.range('/')).toEqual(before)
  return error as YardError
}
