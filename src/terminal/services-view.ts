import {type RoutedSettings} from '../domain/routing.js'
import {healthText, routingTexts} from '../domain/service-diff.js'
import {type ServiceState} from '../domain/service-state.js'
import {type ServicesListReport} from '../lifecycle/services-list.js'
import {type ServiceShowReport, type ShownInstance} from '../lifecycle/services-show.js'
import {neutralise} from '../domain/logs/escapes.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

export function servicesListView({environment, services}: ServicesListReport, now: Date): string {
  if (services.length === 0) {
    return `No service is registered yet. Make one: ${paint.command('yard generate service hello')}`
  }
  const rows = services.map(({name, owner, release, since, state}) => [
    {text: name, style: paint.strong},
    owner,
    release === undefined ? '-' : `r${release}`,
    since === undefined ? '-' : ago(since, now),
    stateCell(state, environment),
  ])
  return table(['NAME', 'OWNER', 'RELEASE', 'SINCE', 'STATE'], rows, paint.dim)
}

export function serviceView(report: ServiceShowReport, now: Date): string {
  const {service, environment, binding, state, urls, header} = report
  const {text, style} = stateCell(state, environment)
  const live = binding === undefined ? '' : `, r${binding.active} since ${ago(binding.movedAt, now)}`
  const facts: [string, string][] = [
    ['owner', service.owner],
    ['about', service.description],
    ['repository', service.repository ?? '-'],
    ['health', `${healthText(service.health)}, ready within ${service.health.timeoutMillis / 1_000} s`],
    ...routingFacts(service.routing),
    ['reach it', `${urls[0] ?? ''} or, with ${header}: ${service.name}, ${urls[1] ?? ''}`],
  ]
  return [
    `${paint.strong(service.name)} in ${environment}: ${style(text)}${live}`,
    '',
    ...facts.map(([name, value]) => `${paint.dim(name.padEnd(10))}  ${neutralise(value)}`),
    '',
    processTable(service.processes),
    ...(report.instances.length === 0 ? [] : ['', instanceTable(report.instances)]),
    ...(report.deploys.length === 0 ? [] : ['', deployTable(report, now)]),
  ].join('\n')
}

function routingFacts(settings: RoutedSettings | undefined): [string, string][] {
  const texts = Object.entries(routingTexts(settings)).map(([field, value]) => `${field} ${value}`)
  return texts.length === 0 ? [] : [['routing', texts.join(', ')]]
}

function processTable(processes: Record<string, string>): string {
  return table(['PROCESS', 'COMMAND'], Object.entries(processes), paint.dim)
}

function instanceTable(instances: readonly ShownInstance[]): string {
  const rows = instances.map(({id, address, port, state, status}) => [
    id,
    port === undefined ? address : `${address}:${port}`,
    state,
    status === undefined ? 'not seen' : `${status.running}, ${healthOf(status.healthy)}`,
    String(status?.restarts ?? '-'),
  ])
  return table(['INSTANCE', 'ADDRESS', 'WANTED', 'SEEN', 'RESTARTS'], rows, paint.dim)
}

function healthOf(healthy: boolean | undefined): string {
  if (healthy === undefined) return 'no traffic'
  return healthy ? 'healthy' : 'not healthy'
}

function deployTable({deploys}: ServiceShowReport, now: Date): string {
  const rows = deploys.map(({number, kind, release, commit, ref, startedAt, by, outcome, failedStep}) => [
    `#${number}`,
    kind,
    release === undefined ? '-' : `r${release}`,
    commit?.slice(0, 8) ?? '-',
    ref,
    ago(startedAt, now),
    by,
    failedStep === undefined ? outcome : `${outcome} at ${failedStep}`,
  ])
  return table(['DEPLOY', 'KIND', 'RELEASE', 'COMMIT', 'REF', 'WHEN', 'BY', 'OUTCOME'], rows, paint.dim)
}

function stateCell(state: ServiceState, environment: string): Exclude<Cell, string> {
  switch (state) {
    case 'up':
      return {text: 'up', style: paint.good}
    case 'down':
      return {text: 'down', style: paint.bad}
    case 'degraded':
      return {text: 'degraded', style: paint.warn}
    case 'unknown':
      return {
        text:
          environment === 'local' ? 'unknown (yard up is not running)' : 'unknown (no supervisor is seen)',
        style: paint.warn,
      }
    case 'not-deployed':
      return {text: 'not deployed', style: paint.dim}
  }
}
