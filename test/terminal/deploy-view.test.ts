import {expect, test} from '@jest/globals'

import {defaultStrategy} from '../../src/domain/strategy.js'
import {type DeployPlan, type DeployReport} from '../../src/lifecycle/deploy.js'
import {deployPlanView, deployView} from '../../src/terminal/deploy-view.js'
import {aCommit} from '../fakes/records.js'

const report: DeployReport = {
  service: 'hello',
  environment: 'local',
  kind: 'deploy',
  deploy: 4,
  release: 3,
  ref: 'main\u001b[2J',
  commit: aCommit,
  dirty: true,
  outcome: 'live',
  strategy: 'rolling',
  batches: [['localhost']],
  before: 2,
  instances: [],
  running: 1,
  isServing: true,
  router: {url: 'http://127.0.0.1:7070', header: 'Yard-Service'},
  millis: 4_200,
  steps: [],
}

test('a deploy ends with what is live and lines to try', () => {
  expect(deployView(report))
    .toBe(`✓ hello-r3 is live in local (main?[2J at 0123456+changes, after hello-r2, in 4.2 s)

  curl -H 'Yard-Service: hello' http://127.0.0.1:7070/
  curl http://hello.localhost:7070/
  yard logs tail hello`)
})

test('who answers nobody is not asked', () => {
  expect(
    deployView({...report, isServing: false})
      .split('\n')
      .slice(2),
  ).toEqual(['  yard logs tail hello'])
})

test('a release of which nothing is to run ends with how that is changed', () => {
  expect(deployView({...report, running: 0, isServing: false})).toMatch(
    /\n\n {2}yard scale hello --env local {3}# no instance of it is to run$/,
  )
})

test('a rollback says that the release is live again', () => {
  expect(deployView({...report, kind: 'rollback'})).toContain('hello-r3 is live again in local')
})

test('a plan says what would be done and that nothing was', () => {
  const plan: DeployPlan = {
    service: 'hello',
    environment: 'local',
    kind: 'rollback',
    ref: 'main',
    commit: aCommit,
    dirty: false,
    release: 2,
    active: 3,
    hosts: ['localhost'],
    leftOut: [],
    strategy: defaultStrategy,
    batches: [['localhost']],
    onFailure: 'rollback',
    steps: ['unpack', 'start'],
  }

  expect(deployPlanView(plan)).toBe(`Would roll back to hello-r2 in local (hello-r3 is live there now)
  from   main at 0123456
  hosts  localhost
  steps  unpack, start
Nothing was changed.`)
})

test('a deploy to a fleet that left hosts out ends with a table of them', () => {
  const text = deployView({
    ...report,
    environment: 'staging',
    outcome: 'partial',
    batches: [['web-1'], ['web-2']],
    failedHosts: [{host: 'web-2', why: 'web-2: no\nroom'}],
    leftOut: ['web-3'],
  })

  expect(text)
    .toBe(`✗ hello-r3 is live on 1 of 3 hosts of staging (main?[2J at 0123456+changes, after hello-r2, in 4.2 s)

HOST   STATE     WHY
web-2  failed    web-2: no room
web-3  left out  it keeps what it has

  yard deploy resume 4 --service hello --env staging   # once they are mended
  yard deploy --env staging   # brings it to every host

  yard ps hello --env staging
  yard deploy show 4 --service hello --env staging
  yard rollback hello --env staging`)
})

test('a plan for a fleet shows strategy, batches, commands and names of variables', () => {
  const plan: DeployPlan = {
    service: 'hello',
    environment: 'staging',
    kind: 'deploy',
    ref: 'main',
    commit: aCommit,
    dirty: false,
    active: 3,
    hosts: ['web-1', 'web-2', 'web-3'],
    leftOut: ['web-4'],
    strategy: {kind: 'canary', weight: 10, bakeMillis: 120_000, batch: {percent: 50}},
    batches: [['web-1'], ['web-2', 'web-3']],
    onFailure: 'pause',
    steps: ['check', 'start'],
    commandsPerHost: ['survey', 'start'],
    config: {added: ['A'], changed: ['B'], removed: ['C']},
  }

  expect(deployPlanView(plan)).toBe(`Would deploy hello in staging (hello-r3 is live there now)
  from        main at 0123456
  hosts       web-1, web-2, web-3 (not on web-4)
  strategy    canary: 10 % of the traffic for 2 min 0 s, then 50 % at a time
  batch 1     web-1
  batch 2     web-2, web-3
  commands    at most 2 on each host: survey, start
  steps       check, start
  on failure  pause
  config      +A ~B -C
Nothing was changed.`)
})

test('after a first deploy, or a restart, there is nothing to go back to', () => {
  const first = {...report, environment: 'staging'}
  delete first.before

  expect(deployView(first)).not.toContain('yard rollback')
  expect(deployView({...first, kind: 'restart', before: 3})).not.toContain('yard rollback')
  expect(deployView({...first, before: 2})).toContain('yard rollback hello --env staging')
})

test('of many batches a plan shows the first ones and their number', () => {
  const batches = Array.from({length: 30}, (_, place) => [`web-${place + 1}`])
  const plan: DeployPlan = {
    service: 'hello',
    environment: 'staging',
    kind: 'deploy',
    ref: 'main',
    commit: aCommit,
    dirty: false,
    hosts: batches.flat(),
    leftOut: [],
    strategy: defaultStrategy,
    onFailure: 'rollback',
    batches,
    steps: ['build'],
  }
  const names = (shown: DeployPlan) => deployPlanView(shown).match(/^ {2}(?:batch \d+|… +).*$/gm)

  expect(names(plan)).toEqual([
    ...[1, 2, 3, 4, 5].map((place) => `  batch ${place}   web-${place}`),
    '  …         30 batches in all',
  ])
  expect(names({...plan, batches: batches.slice(0, 6)})).toHaveLength(6)
})
