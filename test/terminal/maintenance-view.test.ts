import {expect, test} from '@jest/globals'

import {maintenancesView, maintenanceView} from '../../src/terminal/maintenance-view.js'

const evil = 'ada\u001b[2J\n'
const since = '2026-11-20T12:00:00.000Z'
const now = new Date('2026-11-20T13:00:00.000Z')

test('what others wrote does nothing to the terminal', () => {
  const maintenance = {message: evil, since, by: evil}
  const report = {environment: 'staging', service: 'hello', dryRun: false, maintenance}
  const closed = [{service: 'hello', message: evil, since, by: evil}]
  const views = [
    maintenancesView({environment: 'staging', closed}, now),
    maintenanceView({...report, outcome: 'closed'}),
    maintenanceView({...report, outcome: 'unchanged'}),
  ]
  for (const view of views) expect(view).not.toContain('\u001b')
})

test('what is done is told by its outcome', () => {
  const report = {environment: 'staging', service: 'hello', dryRun: false}
  expect(maintenanceView({...report, outcome: 'opened'})).toContain('hello in staging gets requests again')
  expect(maintenanceView({...report, outcome: 'unchanged'})).toContain("isn't closed: unchanged")
  expect(maintenanceView({...report, dryRun: true, outcome: 'opened'})).toContain('Nothing was changed.')
})

test('hosts that do not hear of it are not told as if they had', () => {
  const report = {environment: 'staging', service: 'hello', dryRun: false, unheard: ['web-1']}

  const after = 'after yard push --env staging'
  expect(maintenanceView({...report, outcome: 'closed'})).toContain(
    `is closed: its callers get a 503 ${after}`,
  )
  expect(maintenanceView({...report, outcome: 'opened'})).toContain(
    `is open: it gets requests again ${after}`,
  )
})
