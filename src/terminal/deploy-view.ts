import {shortCommit} from '../domain/build-id.js'
import {releaseId} from '../domain/release.js'
import {lastWatchMillis, type Strategy} from '../domain/strategy.js'
import {type DeployPlan, type DeployReport} from '../lifecycle/deploy.js'
import {paint} from './colors.js'
import {elapsed} from './elapsed.js'
import {table} from './table.js'

/** What is live now, and lines to try. */
export function deployView(report: DeployReport): string {
  return [
    headline(report),
    ...hostLines(report),
    '',
    ...linesToTry(report).map((line) => `  ${paint.command(line)}`),
  ].join('\n')
}

function linesToTry(report: DeployReport): string[] {
  const {before, deploy, environment, isServing, release, router, running, service} = report
  if (running === 0) return [`yard scale ${service} --env ${environment}   # no instance of it is to run`]
  if (environment !== 'local') {
    return [
      `yard ps ${service} --env ${environment}`,
      `yard deploy show ${deploy} --service ${service} --env ${environment}`,
      ...(before === undefined || before === release
        ? []
        : [`yard rollback ${service} --env ${environment}`]),
    ]
  }
  const requests = [
    `curl -H '${router.header}: ${service}' ${router.url}/`,
    `curl http://${service}.localhost:${new URL(router.url).port}/`,
  ]
  return [...(isServing ? requests : []), `yard logs tail ${service}`]
}

const states: Partial<Record<DeployReport['kind'], string>> = {
  restart: 'was restarted',
  rollback: 'is live again',
}

function headline(report: DeployReport): string {
  const {before, commit, dirty, failedHosts, kind, millis, ref, release, service} = report
  const state = states[kind] ?? 'is live'
  const from = before === undefined || before === release ? '' : `, after ${releaseId(service, before)}`
  const sign = failedHosts === undefined ? paint.good('✓') : paint.bad('✗')
  return `${sign} ${paint.strong(releaseId(service, release))} ${state} ${where(report)} ${paint.dim(
    `(${safe(ref)} at ${shortCommit(commit, dirty)}${from}, in ${elapsed(millis)})`,
  )}`
}

function where({batches, environment, failedHosts = [], leftOut = []}: DeployReport): string {
  const meant = batches.flat().length
  const [reached, all] = [meant - failedHosts.length, meant + leftOut.length]
  return reached === all ? `in ${environment}` : `on ${reached} of ${all} hosts of ${environment}`
}

/** Hosts that have something else than the others. */
function hostLines({deploy, failedHosts = [], leftOut = [], environment, service}: DeployReport): string[] {
  if (failedHosts.length === 0 && leftOut.length === 0) return []
  const rows = [
    ...failedHosts.map(({host, why}) => [host, 'failed', why.replace(/\s+/g, ' ').slice(0, 160)]),
    ...leftOut.map((host) => [host, 'left out', 'it keeps what it has']),
  ]
  const again = `yard deploy resume ${deploy} --service ${service} --env ${environment}   # once they are mended`
  const next = [
    ...(failedHosts.length === 0 ? [] : [again]),
    ...(leftOut.length === 0 ? [] : [`yard deploy --env ${environment}   # brings it to every host`]),
  ]
  return ['', table(['HOST', 'STATE', 'WHY'], rows), '', ...next.map((line) => `  ${paint.command(line)}`)]
}

const verbs: Record<DeployPlan['kind'], string> = {
  deploy: 'deploy',
  promote: 'promote',
  restart: 'restart',
  rollback: 'roll back to',
  scale: 'scale',
}

/** What would be done. */
export function deployPlanView(plan: DeployPlan): string {
  const {active, commit, dirty, environment, hosts, kind, leftOut, onFailure, ref, release, service, steps} =
    plan
  const target = release === undefined ? service : releaseId(service, release)
  const verb =
    plan.promotedFrom === undefined
      ? `${verbs[kind]} ${paint.strong(target)} in`
      : `promote ${paint.strong(releaseId(service, plan.promotedFrom))} to`
  const now =
    active === undefined ? 'nothing is live there yet' : `${releaseId(service, active)} is live there now`
  const others = leftOut.length === 0 ? '' : ` (not on ${leftOut.join(', ')})`
  const lines: [string, string][] = [
    ['from', `${safe(ref)} at ${shortCommit(commit, dirty)}`],
    ['hosts', `${hosts.join(', ')}${others}`],
    ...fleetLines(plan),
    ['steps', steps.join(', ')],
    ...(onFailure === 'rollback' ? [] : [['on failure', onFailure] as [string, string]]),
    ...configLines(plan),
  ]
  const width = Math.max(...lines.map(([name]) => name.length))
  return [
    `Would ${verb} ${environment} (${now})`,
    ...lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    paint.dim('Nothing was changed.'),
  ].join('\n')
}

function fleetLines({batches, commandsPerHost = [], strategy}: DeployPlan): [string, string][] {
  const isPlain = strategy.kind === 'rolling' && batches.length <= 1 && lastWatchMillis(strategy) === 0
  return [
    ...(isPlain ? [] : [['strategy', strategyText(strategy)] as [string, string]]),
    ...(batches.length <= 1 ? [] : batchLines(batches)),
    ...(commandsPerHost.length === 0
      ? []
      : [
          ['commands', `at most ${commandsPerHost.length} on each host: ${commandsPerHost.join(', ')}`] as [
            string,
            string,
          ],
        ]),
  ]
}

const shownBatches = 5

function batchLines(batches: readonly (readonly string[])[]): [string, string][] {
  const isLong = batches.length > shownBatches + 1
  const lines = (isLong ? batches.slice(0, shownBatches) : batches).map((batch, place): [string, string] => [
    `batch ${place + 1}`,
    batch.join(', '),
  ])
  return isLong ? [...lines, ['…', `${batches.length} batches in all`]] : lines
}

function strategyText(strategy: Strategy): string {
  const watch = lastWatchMillis(strategy)
  const watched = watch === 0 ? '' : `, watched for ${elapsed(watch)} before the old instances end`
  if (strategy.kind === 'blue-green')
    return `blue-green: all hosts at once, tested before the traffic moves${watched}`
  const {batch} = strategy
  const size = 'hosts' in batch ? `${batch.hosts} at a time` : `${batch.percent} % at a time`
  if (strategy.kind === 'rolling') return `rolling, ${size}${watched}`
  return `canary: ${strategy.weight} % of the traffic for ${elapsed(strategy.bakeMillis)}, then ${size}`
}

/** Names alone: values may be secret. */
function configLines({config}: DeployPlan): [string, string][] {
  if (config === undefined) return []
  const parts = [
    ...config.added.map((name) => `+${name}`),
    ...config.changed.map((name) => `~${name}`),
    ...config.removed.map((name) => `-${name}`),
  ]
  return [['config', parts.length === 0 ? 'as it is live now' : parts.join(' ')]]
}

function safe(text: string): string {
  return text.replace(/[^\u0020-\u007e]/g, '?')
}
