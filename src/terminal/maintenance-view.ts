import {neutralise} from '../domain/logs/escapes.js'
import {type MaintenanceReport} from '../lifecycle/maintenance/change.js'
import {type MaintenancesReport} from '../lifecycle/maintenance/list.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {table} from './table.js'

export function maintenancesView({closed, environment}: MaintenancesReport, now: Date): string {
  if (closed.length === 0) return `No service is closed in ${environment}.`
  const rows = closed.map(({by, message, service, since}) => [
    {text: service, style: paint.strong},
    ago(since, now),
    by,
    message,
  ])
  return table(['SERVICE', 'SINCE', 'BY', 'MESSAGE'], rows, paint.dim)
}

export function maintenanceView(report: MaintenanceReport): string {
  const {dryRun, environment, maintenance, outcome, service, unheard} = report
  const push = paint.command(`yard push --env ${environment}`)
  const name = `${paint.strong(service)} in ${environment}`
  const done = {
    closed: dryRun
      ? `Would close ${name}`
      : `${paint.good('✓')} ${name} is closed${unheard === undefined ? ': its callers get a 503' : `: its callers get a 503 after ${push}`}`,
    changed: dryRun ? `Would change what callers of ${name} read` : `${paint.good('✓')} ${name} stays closed`,
    opened: dryRun
      ? `Would open ${name}`
      : `${paint.good('✓')} ${name} ${unheard === undefined ? 'gets requests again' : `is open: it gets requests again after ${push}`}`,
    unchanged:
      maintenance === undefined
        ? `${name} isn't closed: unchanged`
        : `${name} is closed already, since ${maintenance.since} by ${neutralise(maintenance.by)}: unchanged`,
  }
  const isNew = outcome === 'closed' || outcome === 'changed'
  return [
    done[outcome],
    ...(maintenance !== undefined && isNew ? [`  they read: ${neutralise(maintenance.message)}`] : []),
    ...(dryRun ? ['', paint.dim('Nothing was changed.')] : []),
    ...(outcome === 'closed' && !dryRun
      ? ['', `Open it: ${paint.command(`yard maintenance off ${service} --env ${environment}`)}`]
      : []),
  ].join('\n')
}
