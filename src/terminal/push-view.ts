import {neutralise} from '../domain/logs/escapes.js'
import {
  type LineDifference,
  type RoutingDifference,
  type ServiceDifference,
} from '../lifecycle/push/difference.js'
import {type PushedHost, type PushReport} from '../lifecycle/push/needs.js'
import {type ShipReport} from '../lifecycle/push/ship-sidecars.js'
import {paint} from './colors.js'
import {type Cell, table} from './table.js'

/** Which host is where, or what a push would change on each; what went wrong follows with what to do. */
export function pushView(report: PushReport): string {
  const {environment, hosts, isPlan, revision} = report
  const failed = hosts.filter(({outcome}) => outcome === 'failed')
  const done = hosts.length - failed.length
  const count = failed.length === 0 ? countOf(done) : `${done} of ${countOf(hosts.length)}`
  const mark = failed.length === 0 ? paint.good('✓') : paint.bad('✗')
  const planned = hosts.flatMap(plan)
  return [
    isPlan
      ? `Would push revision ${revision} to ${environment}`
      : table(['HOST', 'ADDRESS', 'BEFORE', 'NOW', 'HOW'], hosts.map(row), paint.dim),
    '',
    ...(isPlan && planned.length > 0 ? [...planned, ''] : []),
    ...hosts.flatMap(remarks),
    isPlan
      ? paint.dim('Nothing was changed.')
      : `${mark} ${count} of ${environment} ${done === 1 ? 'has' : 'have'} revision ${revision}`,
  ].join('\n')
}

/** Which host has a sidecar that follows the catalog. */
export function shipView({environment, hosts}: ShipReport): string {
  const failed = hosts.filter(({outcome}) => outcome === 'failed')
  const done = hosts.length - failed.length
  const count = failed.length === 0 ? countOf(done) : `${done} of ${countOf(hosts.length)}`
  const rows = hosts.map(({address, changed, host, outcome, problem}): Cell[] => [
    {text: host, style: paint.strong},
    address,
    {
      text: outcome === 'failed' ? `failed: ${problem?.why ?? ''}` : outcome,
      style: outcome === 'failed' ? paint.bad : paint.good,
    },
    changed.length === 0 ? '-' : changed.join(' '),
  ])
  return [
    table(['HOST', 'ADDRESS', 'SIDECAR', 'NEW FILES'], rows, paint.dim),
    '',
    ...hosts.flatMap((host) => remarks({...host, skipped: []})),
    `${failed.length === 0 ? paint.good('✓') : paint.bad('✗')} ${count} of ${environment} ${done === 1 ? 'follows' : 'follow'} the catalog by a sidecar`,
    paint.dim(`Later: yard sidecar status --env ${environment}`),
  ].join('\n')
}

function row({address, host, outcome, problem, revision, revisionBefore}: PushedHost): Cell[] {
  const how = outcome === 'failed' ? `failed: ${problem?.why ?? ''}` : outcome
  const style = outcome === 'failed' ? paint.bad : paint.good
  return [
    {text: host, style: paint.strong},
    address,
    shown(revisionBefore),
    shown(revision),
    {text: how, style},
  ]
}

/** Nothing for a host that can't be looked at: its problem is told below. */
function plan({difference, host}: PushedHost): string[] {
  if (difference === undefined) return []
  const lines = differenceLines(difference)
  if (lines.length === 0) return [`${paint.strong(host)}: nothing would change`]
  return [`${paint.strong(host)}:`, ...lines.map((line) => `  ${line}`)]
}

/** What differs, a line each, in the words of services. */
export function differenceLines(difference: RoutingDifference): string[] {
  const {closed, isFirst, isFrameChanged, publicRoutes, services} = difference
  return [
    ...(isFirst ? ['nothing is installed there yet'] : []),
    ...(isFrameChanged ? ['ports or settings that all services share'] : []),
    ...services.map(serviceLine),
    ...signed('public route', publicRoutes),
    ...signed('closed', closed),
  ].map((line) => neutralise(line))
}

function serviceLine(difference: ServiceDifference): string {
  const {added, change, isSettingsChanged, removed, service, weights} = difference
  const name = {new: `new service ${service}`, gone: `service ${service} is gone`, changed: service}[change]
  const parts = [
    ...added.map((endpoint) => `+ ${endpoint}`),
    ...removed.map((endpoint) => `- ${endpoint}`),
    ...weights,
    ...(isSettingsChanged ? ['other settings'] : []),
  ]
  return parts.length === 0 ? name : `${name}: ${parts.join(', ')}`
}

function signed(name: string, {added, removed}: LineDifference): string[] {
  return [...added.map((line) => `${name}: + ${line}`), ...removed.map((line) => `${name}: - ${line}`)]
}

function remarks({
  host,
  pinnedKey,
  problem,
  skipped,
}: Pick<PushedHost, 'host' | 'pinnedKey' | 'problem' | 'skipped'>): string[] {
  const lines = [
    ...skipped.map((line) => paint.warn(`${host}: left out ${neutralise(line)}`)),
    ...(pinnedKey === undefined
      ? []
      : [`${host}: its SSH key is pinned in the catalog now: ${neutralise(pinnedKey)}`]),
    ...(problem === undefined
      ? []
      : [
          paint.bad(`${neutralise(problem.what)}: ${neutralise(problem.why)} (${problem.code})`),
          ...problem.next.map((line) => `  ${paint.command(neutralise(line))}`),
        ]),
  ]
  return lines.length === 0 ? [] : [...lines, '']
}

function countOf(hosts: number): string {
  return `${hosts} ${hosts === 1 ? 'host' : 'hosts'}`
}

function shown(revision: number | undefined): string {
  return revision === undefined ? '-' : String(revision)
}
