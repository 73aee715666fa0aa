import {sizeText} from '../domain/environment-changes.js'
import {statisticsPortOf} from '../domain/routing-model.js'
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
  const {edge, hosts, instances, name, order, router, variables} = environment
  const figuresPort = statisticsPortOf(environment)
  const facts: [string, string][] = [
    ['kind', kindText(environment)],
    ['order', String(order ?? '-')],
    ['routing', `${router.header} on http://${router.address}:${router.port}`],
    ...(figuresPort === undefined
      ? []
      : [['figures', `http://127.0.0.1:${figuresPort} on each host`] as [string, string]]),
    ...(router.scope === 'consumers'
      ? [['scope', 'hosts route to what is called from there'] as [string, string]]
      : []),
    ...(edge === undefined ? [] : [['edge', edgeText(edge)] as [string, string]]),
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

function edgeText(edge: NonNullable<EnvironmentReport['edge']>): string {
  const {certificates, httpPort, httpsPort, maxBodyBytes, redirect, requestsPerMinute} = edge
  return [
    `http on port ${httpPort}`,
    ...(httpsPort === undefined
      ? []
      : [`https on port ${httpsPort} with ${certificates ?? 'no certificates'}`]),
    ...(redirect ? ['http goes to https'] : []),
    ...(requestsPerMinute === undefined ? [] : [`${requestsPerMinute} requests a minute for each address`]),
    `bodies of at most ${sizeText(maxBodyBytes)}`,
  ].join(', ')
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
