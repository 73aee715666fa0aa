import {expect, test} from '@jest/globals'

import {servicesListView, serviceView} from '../../src/terminal/services-view.js'
import {aBinding, aDeploy, anInstance, aService, aStatus} from '../fakes/records.js'

const now = new Date('2026-11-20T12:05:00.000Z')

test('services are shown as a table', () => {
  const text = servicesListView(
    {
      environment: 'local',
      services: [
        {
          name: 'hello',
          owner: 'ada',
          description: '',
          state: 'up',
          release: 2,
          since: '2026-11-20T12:00:00.000Z',
        },
        {name: 'idle', owner: 'team billing', description: '', state: 'not-deployed'},
      ],
    },
    now,
  )

  expect(text.split('\n')).toEqual([
    'NAME   OWNER         RELEASE  SINCE      STATE',
    'hello  ada           r2       5 min ago  up',
    'idle   team billing  -        -          not deployed',
  ])
})

test('an empty catalog says what to do', () => {
  expect(servicesListView({environment: 'local', services: []}, now)).toContain('yard generate service hello')
})

test('one service is shown whole, and its text can do nothing to the terminal', () => {
  const text = serviceView(
    {
      environment: 'local',
      service: aService({description: 'says \u001b[2Jhello'}),
      state: 'up',
      urls: ['http://hello.localhost:7070/', 'http://127.0.0.1:7070/'],
      header: 'Yard-Service',
      binding: aBinding(),
      instances: [{...anInstance(), status: aStatus()}],
      deploys: [aDeploy({outcome: 'failed', failedStep: 'health', number: 2}), aDeploy()],
    },
    now,
  )

  expect(text).toBe(`hello in local: up, r1 since 5 min ago

owner       ada
about       says \\x1b[2Jhello
repository  -
health      /readyz, ready within 30 s
reach it    http://hello.localhost:7070/ or, with Yard-Service: hello, http://127.0.0.1:7070/

PROCESS  COMMAND
web      node dist/main.js

INSTANCE            ADDRESS          WANTED  SEEN              RESTARTS
hello-r1@localhost  127.0.0.1:21001  up      running, healthy  0

DEPLOY  KIND    RELEASE  COMMIT    REF   WHEN       BY          OUTCOME
#2      deploy  r1       01234567  main  5 min ago  ada@laptop  failed at health
#1      deploy  r1       01234567  main  5 min ago  ada@laptop  live`)
})
