import {expect, test} from '@jest/globals'

import {
  removalSentence,
  serviceRemoveView,
  servicesImportView,
} from '../../src/terminal/services-moving-view.js'

test('an import tells what came, what was kept, and what was left out', () => {
  const text = servicesImportView({
    dryRun: false,
    services: [
      {name: 'billing', outcome: 'added', changes: []},
      {name: 'identity', outcome: 'kept', changes: [{field: 'owner', before: 'ada', after: 'grace'}]},
      {name: 'same', outcome: 'unchanged', changes: []},
    ],
    leftOut: [{name: 'evil\n', why: 'it is of the kind \u001b[2J'}],
  })
  expect(text).toBe(`+ billing
  identity is registered already, with another owner
  left out at evil\\n: it is of the kind \\x1b[2J

✓ + 1 added  ~ 0 changed  = 1 unchanged  1 kept as registered (--update changes them)

Next: yard register   # in each repository: it tells how the service is run`)
})

test('an import of what is there already is one line', () => {
  const services = [{name: 'same', outcome: 'unchanged' as const, changes: []}]
  expect(servicesImportView({dryRun: false, services, leftOut: []})).toBe(
    '✓ + 0 added  ~ 0 changed  = 1 unchanged',
  )
})

test('a removal names what goes with the service, and what stays', () => {
  const report = {service: 'hello', dryRun: false, removed: ['/yard/v1/in/local/rt/bind/hello']}
  expect(serviceRemoveView(report)).toBe(
    '✓ hello is removed\n  - in/local/rt/bind/hello\nIts builds, releases and deploys stay in the catalog as history.',
  )
  expect(removalSentence(report)).toBe(
    'hello goes from the catalog, with 1 record of its config, consumers and bindings',
  )
})
