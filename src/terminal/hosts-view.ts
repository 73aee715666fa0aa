import {localEnvironmentName} from '../domain/environment.js'
import {neutralise} from '../domain/logs/escapes.js'
import {type AddHostReport} from '../lifecycle/hosts/add.js'
import {type DrainReport} from '../lifecycle/hosts/drain.js'
import {type HostReport, type ListedHost} from '../lifecycle/hosts/list.js'
import {type RemoveHostReport} from '../lifecycle/hosts/remove.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {fieldChangeLines} from './field-change-lines.js'
import {type Cell, table} from './table.js'

export function hostsView(hosts: readonly ListedHost[], environment: string): string {
  if (hosts.length === 0) {
    const command =
      environment === localEnvironmentName
        ? 'yard up --detach'
        : `yard hosts add web-1 --env ${environment} --address 10.0.0.11`
    return `${environment} has no host yet. Make one: ${paint.command(command)}`
  }
  const isAnyEdge = hosts.some(({edge}) => edge)
  const rows = hosts.map(({address, declared, description, edge, instances, name, state, zone}) => [
    {text: name, style: paint.strong},
    address,
    zone ?? '-',
    ...(isAnyEdge ? [edge ? 'yes' : '-'] : []),
    stateCell(state),
    String(instances),
    fromText(declared, environment),
    description === '' ? '-' : description,
  ])
  const edgeHeading = isAnyEdge ? ['EDGE'] : []
  const headings = ['HOST', 'ADDRESS', 'ZONE', ...edgeHeading, 'STATE', 'INSTANCES', 'FROM', 'DESCRIPTION']
  return table(headings, rows, paint.dim)
}

export function hostView(host: HostReport, now: Date): string {
  const {text, style} = stateCell(host.state)
  const facts: [string, string][] = [
    ['address', host.address],
    ['zone', host.zone ?? '-'],
    ['about', host.description === '' ? '-' : host.description],
    ...(host.edge ? [['edge', 'faces the outside'] as [string, string]] : []),
    ['from', fromText(host.declared, host.environment)],
    ...(host.user === undefined ? [] : [['set up', `yard logs in as ${host.user}`] as [string, string]]),
    followerFact(host, now),
    ...pushedFacts(host, now),
    ...(host.drain === undefined
      ? []
      : [['drained', `${ago(host.drain.since, now)} by ${host.drain.by}`] as [string, string]]),
  ]
  return [
    `${paint.strong(host.name)} in ${host.environment}: ${style(text)}`,
    '',
    ...facts.map(([name, value]) => `${paint.dim(name.padEnd(10))}  ${neutralise(value)}`),
    '',
    host.instances.length === 0 ? 'Nothing runs there.' : instanceTable(host.instances),
  ].join('\n')
}

export function hostAddedView({changes, dryRun, host, outcome}: AddHostReport): string {
  const name = `${paint.strong(host.name)} in ${host.environment}`
  const done = {
    added: dryRun ? `Would add ${name}` : `${paint.good('✓')} ${name} is added`,
    changed: dryRun ? `Would update ${name}` : `${paint.good('✓')} ${name} is updated`,
    unchanged: `${name} is as given already: unchanged`,
  }
  return [
    done[outcome],
    ...fieldChangeLines(changes),
    ...(dryRun ? ['', paint.dim('Nothing was changed.')] : []),
  ].join('\n')
}

export function hostRemovedView(report: RemoveHostReport): string {
  const {dryRun, environment, forgotten = [], host, instances} = report
  const name = `${paint.strong(host)} from ${environment}`
  const gone = [
    ...instances.map((id) => `  ${dryRun ? 'would end' : 'ended'} ${neutralise(id)}`),
    ...forgotten.map((id) => `  forgot ${neutralise(id)}`),
  ]
  if (dryRun) return [`Would remove ${name}`, ...gone, '', paint.dim('Nothing was changed.')].join('\n')
  return [`${paint.good('✓')} Removed ${name}`, ...gone].join('\n')
}

export function hostDrainView(report: DrainReport): string {
  const {drain, dryRun, environment, host, instances, outcome, unserved} = report
  const name = `${paint.strong(host)} in ${environment}`
  const done = {
    drained: dryRun ? `Would drain ${name}` : `${paint.good('✓')} ${name} gets no new requests`,
    enabled: dryRun ? `Would enable ${name}` : `${paint.good('✓')} ${name} gets requests again`,
    unchanged:
      drain === undefined
        ? `${name} isn't drained: unchanged`
        : `${name} is drained already, since ${drain.since} by ${neutralise(drain.by)}: unchanged`,
  }
  return [
    done[outcome],
    ...(outcome === 'unchanged' ? [] : instances.map((id) => `  ${neutralise(id)}`)),
    ...(unserved.length === 0
      ? []
      : [paint.warn(`No other host serves ${unserved.join(', ')}: callers get errors meanwhile`)]),
    ...(dryRun ? ['', paint.dim('Nothing was changed.')] : []),
    ...(outcome === 'drained' && !dryRun
      ? ['', `Back: ${paint.command(`yard hosts enable ${host} --env ${environment}`)}`]
      : []),
  ].join('\n')
}

function instanceTable(instances: HostReport['instances']): string {
  const rows = instances.map(({id, port, process, state}) => [id, process, String(port ?? '-'), state])
  return table(['INSTANCE', 'PROCESS', 'PORT', 'WANTED'], rows, paint.dim)
}

function pushedFacts({pushed}: HostReport, now: Date): [string, string][] {
  if (pushed === undefined) return []
  return [['pushed', `revision ${pushed.revision}, ${ago(pushed.at, now)} by ${pushed.by}`]]
}

/** Who holds it to the catalog: this machine has a supervisor, every other one may have a sidecar. */
function followerFact({agent, environment}: HostReport, now: Date): [string, string] {
  const isLocal = environment === localEnvironmentName
  if (agent === undefined)
    return isLocal
      ? ['supervisor', 'none is at work there']
      : ['sidecar', `none: yard ps --env ${environment} asks the host itself`]
  const {haproxyVersion, isSidecar, pid, problem, startedAt} = agent
  const trouble = problem === undefined ? '' : `; ${problem}`
  const text = `process ${pid} since ${ago(startedAt, now)}, HAProxy ${haproxyVersion}${trouble}`
  return [isSidecar ? 'sidecar' : 'supervisor', text]
}

function stateCell(state: ListedHost['state']): Exclude<Cell, string> {
  const style = {up: paint.good, drained: paint.warn, ready: paint.good, unseen: paint.dim}[state]
  return {text: state, style}
}

function fromText(isDeclared: boolean, environment: string): string {
  if (isDeclared) return 'yard.yaml'
  return environment === localEnvironmentName ? 'yard itself' : 'by hand'
}
