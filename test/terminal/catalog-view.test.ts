import {expect, test} from '@jest/globals'

import {type CatalogImportReport} from '../../src/lifecycle/catalog/import.js'
import {catalogImportView, catalogShowView} from '../../src/terminal/catalog-view.js'

test('a catalog is shown with the health of its parts', () => {
  const text = catalogShowView({
    store: 'etcd',
    url: 'etcd://10.0.0.1:2379',
    revision: 7,
    platformFile: '/srv/acme/yard.yaml',
    health: [{name: '10.0.0.1:2379', isHealthy: false, detail: 'no answer\u001b[2J'}],
    records: [
      {kind: 'services', count: 0},
      {kind: 'hosts', count: 12},
    ],
    bad: [{key: '/yard/v1/services/evil\n', why: 'is not JSON'}],
  })
  expect(text).toBe(`catalog   etcd://10.0.0.1:2379
revision  7
platform  /srv/acme/yard.yaml

PART           STATE   DETAIL
10.0.0.1:2379  unwell  no answer\\x1b[2J

RECORDS  COUNT
hosts    12

1 record can't be trusted, and every command leaves it out:
  services/evil\\n: is not JSON`)
})

test('a long plan is cut for people, and its numbers are those of the whole', () => {
  const report: CatalogImportReport = {
    dryRun: false,
    unchanged: 3,
    changes: [
      {action: 'change', key: '/yard/v1/services/hello', fields: ['owner']},
      ...Array.from({length: 60}, (_, index) => ({
        action: 'add' as const,
        key: `/yard/v1/services/s${index}`,
      })),
    ],
  }
  const lines = catalogImportView(report).split('\n')
  expect(lines[0]).toBe('~ services/hello  owner')
  expect(lines[1]).toBe('+ services/s0')
  expect(lines.slice(-3)).toEqual(['  … and 11 more', '', '✓ + 60 added  ~ 1 changed  = 3 unchanged'])
})
