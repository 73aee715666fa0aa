import {expect, test} from '@jest/globals'

import {
  environmentAddedView,
  environmentRemovedView,
  environmentView,
} from '../../src/terminal/environments-view.js'
import {anEnvironment} from '../fakes/records.js'

const router = {address: '127.0.0.1', port: 7070, header: 'Yard-Service'}

test('an environment shows what it is and what is in it', () => {
  const view = environmentView({
    name: 'production',
    kind: 'hosts',
    order: 2,
    protected: true,
    personal: false,
    declared: false,
    router,
    hosts: ['web-1', '"\\u001b"'],
    instances: 3,
    variables: 4,
  })

  expect(view.split('\n')).toEqual([
    'production',
    '',
    'kind       protected',
    'order      2',
    'routing    Yard-Service on http://127.0.0.1:7070',
    'figures    http://127.0.0.1:7071 on each host',
    'from       by hand',
    'hosts      web-1, "\\u001b"',
    'instances  3',
    'variables  4',
  ])
})

test('a new one says how to go on, a dry run that nothing was changed', () => {
  const report = {outcome: 'added' as const, environment: anEnvironment(), changes: []}

  expect(environmentAddedView({...report, dryRun: false})).toContain(
    'Next: yard hosts add web-1 --env staging',
  )
  expect(environmentAddedView({...report, dryRun: true})).toMatch(
    /^Would add staging[^]*Nothing was changed\.$/,
  )
  expect(environmentRemovedView({environment: 'staging', dryRun: true})).toContain('Would remove staging')
})

test('one that faces the outside shows how', () => {
  const view = environmentView({
    name: 'production',
    kind: 'hosts',
    protected: false,
    personal: false,
    declared: true,
    router: {...router, scope: 'consumers', statisticsPort: 9000},
    edge: {
      httpPort: 80,
      httpsPort: 443,
      certificates: '/etc/yard/certificates',
      redirect: true,
      requestsPerMinute: 600,
      maxBodyBytes: 10 * 1024 ** 2,
    },
    hosts: [],
    instances: 0,
    variables: 0,
  })

  expect(view).toContain('figures    http://127.0.0.1:9000 on each host')
  expect(view).toContain('scope      hosts route to what is called from there')
  expect(view).toContain(
    'edge       http on port 80, https on port 443 with /etc/yard/certificates, http goes to https, 600 requests a minute for each address, bodies of at most 10 MB',
  )
})
