import {expect, test} from '@jest/globals'

import {type CatalogPlanReport} from '../../src/lifecycle/platform/apply.js'
import {catalogAppliedView, catalogPlanView} from '../../src/terminal/catalog-plan-view.js'

const report: CatalogPlanReport = {
  file: '/srv/yard.yaml',
  outcome: 'planned',
  dryRun: true,
  changes: [
    {
      kind: 'add',
      what: 'host',
      environment: 'staging',
      host: 'web-1',
      fields: [
        {field: 'address', after: '10.0.0.11'},
        {field: 'declared', after: 'yes'},
      ],
    },
    {
      kind: 'change',
      what: 'environment',
      environment: 'staging',
      fields: [{field: 'order', before: '\u001b[2J1', after: '2'}],
    },
    {
      kind: 'remove',
      what: 'host',
      environment: 'staging',
      host: 'web-2',
      fields: [],
      blocked: '1 instance (x)',
    },
  ],
}

test('says what is added, changed and removed, and what stands in the way', () => {
  const lines = catalogPlanView(report).split('\n')

  expect(lines[2]).toBe('  + host web-1 in staging  address 10.0.0.11')
  expect(lines[3]).toBe('  ~ environment staging')
  expect(lines[4]).toMatch(/^ {6}- order: .*1$/)
  expect(lines[4]).not.toContain('\u001b')
  expect(lines.slice(5, 8)).toEqual([
    '      + order: 2',
    '  - host web-2 in staging',
    "      can't be removed: it still has 1 instance (x)",
  ])
  expect(lines.at(-1)).toBe('1 to add, 1 to change, 1 to remove. Next: yard catalog apply')
})

test('nothing is said of what was applied until it was', () => {
  expect(catalogAppliedView(report)).toBe('')
  expect(catalogAppliedView({...report, outcome: 'applied'})).toBe('✓ 3 changes are in the catalog')
})
