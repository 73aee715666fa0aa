import {shortCommit} from '../domain/build-id.js'
import {neutralise} from '../domain/logs/escapes.js'
import {type InstanceLine, type ServiceStatus, type StatusReport} from '../lifecycle/status.js'
import {paint} from './colors.js'
import {ago} from './elapsed.js'
import {type Cell, table} from './table.js'

/** What runs where, since when, which commit, healthy or not. */
export function statusView(report: StatusReport): string {
  const now = new Date(report.at)
  const rows = report.services.flatMap((service) => serviceRows(service, report.kind, now))
  return [
    environmentLine(report, now),
    ...report.hosts.flatMap(({host, problem}) =>
      problem === undefined ? [] : [`${paint.warn('!')} ${host}: ${neutralise(problem)}`],
    ),
    '',
    rows.length === 0
      ? `No service is registered yet. Make one: ${paint.command('yard generate service hello')}`
      : table(
          ['SERVICE', 'RELEASE', 'COMMIT', 'INSTANCE', 'PORT', 'STATE', 'SINCE', 'RESTARTS'],
          rows,
          paint.dim,
        ),
    ...noteLines(report, now),
  ].join('\n')
}

function environmentLine(report: StatusReport, now: Date): string {
  const {environment, hosts, isUp, kind, router} = report
  if (kind === 'hosts') return hostsLine(report)
  if (!isUp) {
    return `${paint.bad('●')} ${paint.strong(environment)} is down. Bring it up: ${paint.command('yard up --detach')}`
  }
  const [host] = hosts
  const since = host === undefined ? '' : `, since ${ago(host.since, now)}, HAProxy ${host.haproxy}`
  return `${paint.good('●')} ${paint.strong(environment)} is up at ${router.url}${since}`
}

/** Without sidecars nobody watches the hosts: what was decided is known, and what runs is asked for. */
function hostsLine({environment, hosts, unseenHosts}: StatusReport): string {
  const name = paint.strong(environment)
  if (hosts.length === 0 && unseenHosts.length === 0) return `${paint.warn('●')} ${name} has no host yet`
  if (unseenHosts.length === 0)
    return `${paint.good('●')} ${name}: a sidecar is at work on ${namesOf(hosts.map(({host}) => host))}`
  const asked = `What runs there now: ${paint.command(`yard ps --env ${environment}`)}`
  if (hosts.length === 0)
    return `${paint.dim('●')} ${name}: ${namesOf(unseenHosts)}, without a sidecar that tells how they are. ${asked}`
  return `${paint.bad('●')} ${name}: the sidecar of ${namesOf(unseenHosts)} is not seen. ${asked}`
}

function namesOf(hosts: readonly string[]): string {
  const shown = hosts.slice(0, 5)
  const more = hosts.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function serviceRows(service: ServiceStatus, kind: StatusReport['kind'], now: Date): Cell[][] {
  const name = {text: service.service, style: paint.strong}
  const release = service.release === undefined ? '-' : `r${service.release}`
  const commit = service.commit === undefined ? '-' : shortCommit(service.commit, service.dirty)
  if (service.instances.length === 0) {
    const state =
      service.release === undefined
        ? {text: 'not deployed', style: paint.dim}
        : {text: 'down', style: paint.bad}
    return [[name, release, commit, '-', '-', state, '-', '-']]
  }
  return service.instances.map((instance) => [
    name,
    `r${instance.release}`,
    instance.release === service.release ? commit : '-',
    instance.id,
    instance.port === undefined ? '-' : String(instance.port),
    stateCell(instance, kind),
    instance.since === undefined ? '-' : ago(instance.since, now),
    instance.since === undefined ? '-' : String(instance.restarts),
  ])
}

function stateCell({healthy, lastExit, running, state}: InstanceLine, kind: StatusReport['kind']): Cell {
  if (running === 'unknown' && kind === 'hosts') return state
  if (running === 'unknown') return {text: `${state}, not seen`, style: paint.warn}
  if (running === 'backing-off')
    return {text: `${state}, ended with ${lastExit ?? 'an unknown exit'}`, style: paint.bad}
  if (running === 'stopped')
    return {text: `${state}, stopped`, style: state === 'down' ? paint.dim : paint.bad}
  if (state !== 'up') return {text: state, style: paint.warn}
  if (healthy === false) return {text: 'up, not healthy', style: paint.bad}
  return healthy === true ? {text: 'up, healthy', style: paint.good} : {text: 'up', style: paint.good}
}

function noteLines({bad, environment, services}: StatusReport, now: Date): string[] {
  const lines: string[] = []
  for (const {lastDeploy, lock, service} of services) {
    const showCommand = (number: number) =>
      paint.command(`yard deploy show ${number} --service ${service} --env ${environment}`)
    if (lock !== undefined) {
      lines.push(
        `${paint.command('→')} ${neutralise(lock.holder)} is at work on ${service} since ${ago(lock.since, now)}`,
      )
    } else if (lastDeploy?.outcome === 'running') {
      lines.push(
        `${paint.warn('!')} deploy ${lastDeploy.number} of ${service} was killed: ${showCommand(lastDeploy.number)}`,
      )
    } else if (lastDeploy?.outcome === 'paused') {
      lines.push(
        `${paint.warn('!')} deploy ${lastDeploy.number} of ${service} is paused: ${showCommand(lastDeploy.number)}`,
      )
    } else if (lastDeploy?.outcome === 'partial') {
      lines.push(
        `${paint.warn('!')} deploy ${lastDeploy.number} of ${service} is live on some hosts only: ${showCommand(lastDeploy.number)}`,
      )
    } else if (lastDeploy?.outcome === 'failed') {
      const step = lastDeploy.failedStep ?? 'start'
      const why = neutralise((lastDeploy.why ?? '').split('\n')[0] ?? '')
      lines.push(
        `${paint.bad('✗')} the last deploy of ${service} failed ${ago(lastDeploy.startedAt, now)} at ${step}: ${why}`,
      )
    }
  }
  for (const {key, why} of bad)
    lines.push(`${paint.warn('!')} left out ${neutralise(key)}: ${neutralise(why)}`)
  return lines.length === 0 ? [] : ['', ...lines]
}
