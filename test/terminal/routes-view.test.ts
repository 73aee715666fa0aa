import {expect, test} from '@jest/globals'

import {type ListedRoute} from '../../src/lifecycle/routes/list.js'
import {routesView, routeView} from '../../src/terminal/routes-view.js'

const route: ListedRoute = {name: 'hello.example.org', kind: 'public', service: 'hello', state: 'up'}

test('every state has words of its own', () => {
  const states = ['up', 'closed', 'down', 'no-service', 'no-edge'] as const
  const view = routesView({environment: 'staging', routes: states.map((state) => ({...route, state}))})

  expect(view.split('\n').slice(1)).toEqual([
    'hello.example.org  hello    public  up',
    'hello.example.org  hello    public  closed for maintenance',
    'hello.example.org  hello    public  no instance gets requests',
    'hello.example.org  hello    public  no such service',
    'hello.example.org  hello    public  no host faces the outside',
  ])
})

test('what was done is told, and what would be', () => {
  const report = {environment: 'staging', name: 'hello.example.org', service: 'hello', dryRun: false}
  expect(routeView({...report, outcome: 'added'})).toBe('✓ hello.example.org leads to hello in staging')
  expect(routeView({...report, outcome: 'unchanged'})).toContain('leads to hello already: unchanged')
  expect(routeView({...report, outcome: 'removed'})).toBe('✓ Removed hello.example.org from staging')
  expect(routeView({...report, dryRun: true, outcome: 'removed'})).toContain('Nothing was changed.')
})
