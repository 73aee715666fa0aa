import {neutralise} from '../domain/logs/escapes.js'
import {type AddEnvironmentReport} from '../lifecycle/environments/add.js'
import {type EnvironmentReport, type ListedEnvironment} from '../lifecycle/environments/list.js'
import {type RemoveEnvironmentReport} from '../lifecycle/environments/remove.js'
import {paint} from './colors.js'
import {fieldChangeLines} from './field-change-lines.js'
import {table} from './table.js'

export function environmentsView(environments: readonly ListedEnvironment[]): string {
  const rows = environments.map((environment) => [
    {text: environment.name, style: paint.strong},
    String(environment.order ?? '-'),
    String(environment.hosts),
    kindText(environment),
    `${environment.router.header} on port ${environment.router.port}`,
    fromText(environment),
  ])
  return table(['ENVIRONMENT', 'ORDER', 'HOSTS', 'KIND', 'ROUTING', 'FROM'], rows, paint.dim)
}

export function environmentView(environment: EnvironmentReport): string {
  const {hosts, instances, name, order, router, variables} = environment
  const facts: [string, string][] = [
    ['kind', kindText(environment)],
    ['order', String(order ?? '-')],
    ['routing', `${router.header} on http://${router.address}:${router.port}`],
    ['from', fromText(environment)],
    ['hosts', hosts.length === 0 ? '-' : hosts.join(', ')],
    ['instances', String(instances)],
    ['variables', String(variables)],
  ]
  return [
    paint.strong(name),
    '',
    ...facts.map(([label, value]) => `${paint.dim(label.padEnd(9))}  ${neutralise(value)}`),
  ].join('\n')
}

export function environmentAddedView(report: AddEnvironmentReport): string {
  const {changes, dryRun, environment, outcome} = report
  const name = paint.strong(environment.name)
  const done = {
    added: dryRun ? `Would add ${name}` : `${paint.good('✓')} ${name} is added`,
    changed: dryRun ? `Would update ${name}` : `${paint.good('✓')} ${name} is updated`,
    unchanged: `${name} is as given already: unchanged`,
  }
  const next = `yard hosts add web-1 --env ${environment.name} --address 10.0.0.11`
  return [
    done[outcome],
    ...fieldChangeLines(changes),
    ...(dryRun ? ['', paint.dim('Nothing was changed.')] : []),
    ...(outcome === 'added' && !dryRun ? ['', `Next: ${paint.command(next)}`] : []),
  ].join('\n')
}

export function environmentRemovedView({dryRun, environment}: RemoveEnvironmentReport): string {
  if (!dryRun) return `${paint.good('✓')} Removed ${paint.strong(environment)}`
  return [`Would remove ${paint.strong(environment)}`, '', paint.dim('Nothing was changed.')].join('\n')
}

function kindText({kind, personal, protected: isProtected}: ListedEnvironment | EnvironmentReport): string {
  const words = [
    ...(kind === 'local' ? ['this machine'] : []),
    ...(isProtected ? ['protected'] : []),
    ...(personal ? ['personal'] : []),
  ]
  return words.length === 0 ? 'shared' : words.join(', ')
}

function fromText({declared, kind}: ListedEnvironment | EnvironmentReport): string {
  if (kind === 'local') return 'yard itself'
  return declared ? 'yard.yaml' : 'by hand'
}
