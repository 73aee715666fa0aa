import {expect, test} from '@jest/globals'

import {type DeployReport} from '../../src/lifecycle/deploy.js'
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
  before: 2,
  instances: [],
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

test('a rollback says that the release is live again', () => {
  expect(deployView({...report, kind: 'rollback'})).toContain('hello-r3 is live again in local')
})

test('a plan says what would be done and that nothing was', () => {
  const plan = {
    service: 'hello',
    environment: 'local',
    kind: 'rollback' as const,
    ref: 'main',
    commit: aCommit,
    dirty: false,
    release: 2,
    active: 3,
    hosts: ['localhost'],
    steps: ['unpack', 'start'] as const,
  }

  expect(deployPlanView(plan)).toBe(`Would roll back to hello-r2 in local (hello-r3 is live there now)
  from   main at 0123456
  hosts  localhost
  steps  unpack, start
Nothing was changed.`)
})
