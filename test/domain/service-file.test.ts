import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'

import {quickCheckOf} from '../../src/domain/quick-check.js'
import {check} from '../../src/domain/schema.js'
import {checkServiceFile} from '../../src/domain/service-file.js'
import {healthSchema, hooksSchema, limitsSchema, programNames} from '../../src/domain/service.js'
import {strategySchema} from '../../src/domain/strategy.js'

const least = {name: 'billing', owner: 'ada', description: 'sends bills'}

function routingOf(routing: unknown) {
  const checked = checkServiceFile({...least, routing})
  if (!checked.ok) return checked.problems.map(({message, path}) => `${path.join('.')} ${message}`)
  return checked.value.routing
}

describe('routing in a service.yaml', () => {
  test('is in milliseconds, and holds only what is given', () => {
    expect(checkServiceFile(least)).toMatchObject({ok: true, value: {routing: {}}})
    expect(routingOf({timeout: '2m', retries: 0})).toEqual({responseMillis: 120_000, retries: 0})
    expect(
      routingOf({
        timeout: '90s',
        connectTimeout: '250ms',
        queueTimeout: '1s',
        maxConnections: 50,
        slowStart: '30s',
        retries: 2,
      }),
    ).toEqual({
      responseMillis: 90_000,
      connectMillis: 250,
      queueMillis: 1_000,
      maxConnections: 50,
      slowStartMillis: 30_000,
      retries: 2,
    })
    expect(routingOf({slowStart: '0s'})).toEqual({})
  })

  test.each([
    [{timeout: '2h'}, 'routing.timeout must be at most 1h'],
    [{slowStart: '61m'}, 'routing.slowStart must be at most 1h'],
    [{timeout: '0s'}, 'routing.timeout must be at least 1ms'],
    [{connectTimeout: '0ms'}, 'routing.connectTimeout must be at least 1ms'],
    [{queueTimeout: 5}, 'routing.queueTimeout must be a time such as 30s, 500ms or 2m'],
    [{timeout: '1s\n  bind *:1'}, 'routing.timeout must be a time such as 30s, 500ms or 2m'],
    [{retries: 11}, 'routing.retries must be a whole number from 0 to 10'],
    [{retries: 1.5}, 'routing.retries must be a whole number from 0 to 10'],
    [{maxConnections: 0}, 'routing.maxConnections must be a whole number from 1 to 100000'],
    [{maxConnections: '5'}, 'routing.maxConnections must be a whole number from 1 to 100000'],
    [{timeOut: '1s'}, 'routing.timeOut is not a key of service.yaml; did you mean timeout?'],
    ['fast', 'routing must be a group of keys and values'],
  ])('that says %j is refused', (routing, problem) => {
    expect(routingOf(routing)).toEqual([problem])
  })
})

function checkedWith(parts: Record<string, unknown>) {
  const checked = checkServiceFile({...least, ...parts})
  if (!checked.ok) return checked.problems.map(({message, path}) => `${path.join('.')} ${message}`)
  return checked.value
}

describe('a service.yaml without any of them', () => {
  test('has the health, the drain and the deploy that a file from before had', () => {
    const checked = checkServiceFile(least)
    if (!checked.ok) throw new Error('it is valid')

    expect(checked.value).toEqual({
      name: 'billing',
      owner: 'ada',
      description: 'sends bills',
      build: [],
      buildTimeoutMillis: 600_000,
      health: {path: '/readyz', timeoutMillis: 30_000, stableMillis: 3_000},
      drain: {timeoutMillis: 30_000, graceMillis: 10_000},
      smoke: ['smoke/**/*.hurl'],
      calls: [],
      routing: {},
      needs: [],
      deploy: {},
      variables: {},
    })
  })
})

describe('health in a service.yaml', () => {
  test('is by a path, by TCP, or by staying up', () => {
    expect(checkedWith({health: {path: '/up'}})).toMatchObject({
      health: {path: '/up', timeoutMillis: 30_000, stableMillis: 3_000},
    })
    expect(checkedWith({health: {tcp: true, stable: '1s'}})).toMatchObject({
      health: {kind: 'tcp', path: '/readyz', timeoutMillis: 30_000, stableMillis: 1_000},
    })
    expect(checkedWith({health: {stays: '10s', timeout: '5s'}})).toMatchObject({
      health: {kind: 'none', path: '/readyz', timeoutMillis: 5_000, stableMillis: 10_000},
    })
  })

  test('is read from the catalog in the order in which it is written', () => {
    for (const health of [{tcp: true}, {stays: '1s'}, {path: '/up'}]) {
      const checked = checkServiceFile({...least, health})
      const written = checked.ok ? checked.value.health : undefined
      expect(quickCheckOf(healthSchema)?.(written)).toBe(true)
    }
  })

  test.each([
    [{path: '/up', tcp: true}, "health.tcp can't be there beside path: a service is well in one way"],
    [{tcp: true, stays: '1s'}, "health.stays can't be there beside tcp: a service is well in one way"],
    [{stays: '10s', stable: '3s'}, 'health.stable is what stays says already'],
    [{tcp: false}, 'health.tcp must be true, or not be there'],
    [{stays: 10}, 'health.stays must be a time such as 30s, 500ms or 2m'],
    [{stays: '2h'}, 'health.stays must be at most 1h'],
    [{stay: '1s'}, 'health.stay is not a key of service.yaml; did you mean stays?'],
  ])('that says %j is refused', (health, problem) => {
    expect(checkedWith({health})).toEqual([problem])
  })
})

describe('what an instance takes and needs in a service.yaml', () => {
  test('is in bytes, sorted, and each program once', () => {
    const limits = {memory: '512MB', tasks: 200}
    expect(
      checkedWith({limits, needs: ['python3', 'git', 'python3'], drain: {websockets: '2m'}}),
    ).toMatchObject({
      limits: {memoryBytes: 536_870_912, tasks: 200},
      needs: ['git', 'python3'],
      drain: {timeoutMillis: 30_000, graceMillis: 10_000, webSocketMillis: 120_000},
    })
    expect(checkedWith({limits: {}})).not.toHaveProperty('limits')
  })

  test.each([
    [{limits: {memory: '500 MB'}}, 'limits.memory must be a size such as 500kB, 512MB or 2GB'],
    [{limits: {memory: 512}}, 'limits.memory must be a size such as 512MB'],
    [{limits: {memory: '512kB'}}, 'limits.memory must be at least 1MB'],
    [{limits: {tasks: 0}}, 'limits.tasks must be a whole number from 1 to 4194304'],
    [{needs: 'python3'}, 'needs must be a list'],
    [{needs: ['python3', '-c x']}, 'needs.1 must be the name of a program such as python3'],
    [{needs: ['../bin/sh']}, 'needs.0 must be the name of a program such as python3'],
    [{drain: {websockets: '61m'}}, 'drain.websockets must be at most 1h'],
  ])('is refused when it says %j', (parts, problem) => {
    expect(checkedWith(parts)).toEqual([problem])
  })
})

describe('deploy in a service.yaml', () => {
  test.each([
    [{}, {}],
    [{onFailure: 'pause'}, {onFailure: 'pause'}],
    [{batch: 2}, {strategy: {kind: 'rolling', batch: {hosts: 2}}}],
    [{strategy: 'rolling', batch: '25%'}, {strategy: {kind: 'rolling', batch: {percent: 25}}}],
    [{strategy: 'blue-green'}, {strategy: {kind: 'blue-green'}}],
    [{strategy: 'blue-green', bake: '5m'}, {strategy: {kind: 'blue-green', bakeMillis: 300_000}}],
    [{bake: '5m'}, {strategy: {kind: 'rolling', batch: {hosts: 1}, bakeMillis: 300_000}}],
    [{bake: '0s'}, {strategy: {kind: 'rolling', batch: {hosts: 1}}}],
    [{strategy: 'canary'}, {strategy: {kind: 'canary', weight: 10, bakeMillis: 120_000, batch: {hosts: 1}}}],
    [
      {strategy: 'canary', weight: 5, bake: '30s', batch: '100%', onFailure: 'continue'},
      {
        strategy: {kind: 'canary', weight: 5, bakeMillis: 30_000, batch: {percent: 100}},
        onFailure: 'continue',
      },
    ],
  ])('that says %j holds only what is given', (deploy, wanted) => {
    expect(checkedWith({deploy})).toMatchObject({deploy: wanted})
    const {strategy} = wanted as {strategy?: unknown}
    if (strategy !== undefined) expect(check(strategySchema, strategy).ok).toBe(true)
  })

  const batchMessage = 'must be a number of hosts such as 2, or a share of them such as "25%"'
  test.each([
    [{strategy: 'recreate'}, 'deploy.strategy must be rolling, blue-green or canary'],
    [{onFailure: 'ignore'}, 'deploy.onFailure must be rollback, pause or continue'],
    [{batch: 0}, `deploy.batch ${batchMessage}`],
    [{batch: '0%'}, `deploy.batch ${batchMessage}`],
    [{batch: '101%'}, `deploy.batch ${batchMessage}`],
    [{batch: true}, `deploy.batch ${batchMessage}`],
    [{weight: 10}, 'deploy.weight means something only with strategy: canary'],
    [
      {strategy: 'blue-green', batch: 2},
      'deploy.batch means nothing with strategy: blue-green, which is one batch',
    ],
    [{strategy: 'canary', weight: 100}, 'deploy.weight must be a whole number from 1 to 99'],
    [{strategy: 'canary', bake: '2h'}, 'deploy.bake must be at most 1h'],
    [{stragety: 'canary'}, 'deploy.stragety is not a key of service.yaml; did you mean strategy?'],
  ])('that says %j is refused', (deploy, problem) => {
    expect(checkedWith({deploy})).toEqual([problem])
  })
})

describe('hooks in a service.yaml', () => {
  test('are command lines, or groups with a time, in their order', () => {
    const hooks = {
      beforeBuild: ['./check.sh', {run: 'make deps', timeout: '30s'}],
      onRollback: [{run: './tell.sh'}],
      afterDeploy: [],
    }
    expect(checkedWith({hooks})).toMatchObject({
      hooks: {
        'before-build': [
          {line: './check.sh', timeoutMillis: 300_000},
          {line: 'make deps', timeoutMillis: 30_000},
        ],
        'on-rollback': [{line: './tell.sh', timeoutMillis: 300_000}],
      },
    })
    expect(checkedWith({hooks})).not.toHaveProperty('hooks.after-deploy')
    expect(checkedWith({hooks: {}})).not.toHaveProperty('hooks')
  })

  test.each([
    [{beforeBuild: './check.sh'}, 'hooks.beforeBuild must be a list'],
    [{beforeBuild: [7]}, 'hooks.beforeBuild.0 must be a group of keys and values'],
    [{beforeBuild: ['']}, 'hooks.beforeBuild.0.run must not be empty'],
    [{beforeBuild: ['a\0b']}, 'hooks.beforeBuild.0.run holds a NUL'],
    [{afterDeploy: [{timeout: '1s'}]}, 'hooks.afterDeploy.0.run is missing'],
    [{afterDeploy: [{run: 'x', timeout: '2h'}]}, 'hooks.afterDeploy.0.timeout must be at most 1h'],
    [{afterDeploy: [{run: 'x', timeout: '0s'}]}, 'hooks.afterDeploy.0.timeout must be at least 1ms'],
    [
      {afterDeploy: [{run: 'x', timout: '1s'}]},
      'hooks.afterDeploy.0.timout is not a key of service.yaml; did you mean timeout?',
    ],
    [{beforeDeploys: ['x']}, 'hooks.beforeDeploys is not a key of service.yaml; did you mean beforeDeploy?'],
    ['x', 'hooks must be a group of keys and values'],
    [{onFailure: Array.from({length: 21}, () => 'x')}, 'hooks.onFailure must have at most 20 entries'],
  ])('that say %j are refused', (hooks, problem) => {
    expect(checkedWith({hooks})).toEqual([problem])
  })
})

test('no value of a service.yaml makes the check throw, and what passes follows the schemas of a release', () => {
  const anything = fc.oneof(fc.anything(), fc.constantFrom('10s', '512MB', 'canary', 1, true, ['x'], '25%'))
  const group = (keys: string[]) => fc.dictionary(fc.constantFrom(...keys), anything)
  const file = fc.record(
    {
      health: group(['path', 'tcp', 'stays', 'timeout', 'stable']),
      limits: group(['memory', 'tasks']),
      deploy: group(['strategy', 'batch', 'weight', 'bake', 'onFailure']),
      hooks: group(['beforeBuild', 'afterDeploy', 'onFailure']),
      needs: anything,
    },
    {requiredKeys: []},
  )
  fc.assert(
    fc.property(file, (parts) => {
      const checked = checkServiceFile({...least, ...parts})
      if (!checked.ok) return checked.problems.length > 0
      const {deploy, health, hooks, limits, needs} = checked.value
      return [
        check(healthSchema, health),
        check(programNames, needs),
        limits === undefined ? {ok: true} : check(limitsSchema, limits),
        hooks === undefined ? {ok: true} : check(hooksSchema, hooks),
        deploy.strategy === undefined ? {ok: true} : check(strategySchema, deploy.strategy),
      ].every(({ok}) => ok)
    }),
    {numRuns: 2_000},
  )
})
