import {type RouteReport} from '../lifecycle/routes/add.js'
import {type ListedRoute, type RoutesReport} from '../lifecycle/routes/list.js'
import {paint} from './colors.js'
import {type Cell, table} from './table.js'

export function routesView({environment, routes}: RoutesReport): string {
  if (routes.length === 0) {
    return `No service is reached in ${environment} yet. Register one: ${paint.command('yard register')}`
  }
  const rows = routes.map(({kind, name, service, state}) => [
    {text: name, style: paint.strong},
    service,
    kind,
    stateCell(state),
  ])
  return table(['NAME', 'SERVICE', 'KIND', 'STATE'], rows, paint.dim)
}

export function routeView({dryRun, environment, name, outcome, service}: RouteReport): string {
  const leads = service === undefined ? 'a record that could not be read' : `leads to ${service}`
  if (outcome === 'unchanged') return `${paint.strong(name)} in ${environment} ${leads} already: unchanged`
  const done = {
    added: dryRun
      ? `Would have ${paint.strong(name)} lead to ${service ?? ''} in ${environment}`
      : `${paint.good('✓')} ${paint.strong(name)} ${leads} in ${environment}`,
    removed: dryRun
      ? `Would remove ${paint.strong(name)} from ${environment}${service === undefined ? '' : `, which ${leads}`}`
      : `${paint.good('✓')} Removed ${paint.strong(name)} from ${environment}`,
  }
  return dryRun ? [done[outcome], '', paint.dim('Nothing was changed.')].join('\n') : done[outcome]
}

function stateCell(state: ListedRoute['state']): Exclude<Cell, string> {
  switch (state) {
    case 'up':
      return {text: 'up', style: paint.good}
    case 'closed':
      return {text: 'closed for maintenance', style: paint.warn}
    case 'down':
      return {text: 'no instance gets requests', style: paint.bad}
    case 'no-service':
      return {text: 'no such service', style: paint.bad}
    case 'no-edge':
      return {text: 'no host faces the outside', style: paint.warn}
  }
}
