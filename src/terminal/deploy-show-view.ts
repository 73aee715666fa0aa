import {releaseId} from '../domain/release.js'
import {type DeployShowReport, type ShownStep} from '../lifecycle/deploy/journal/show.js'
import {paint} from './colors.js'
import {hostWords} from './deploy-host-words.js'
import {stateStyle} from './deploys-view.js'
import {ago, elapsed} from './elapsed.js'
import {safeText} from './safe-text.js'
import {type Cell, table} from './table.js'

/** Where a deploy stands, in plain words, with each of its steps and hosts and what to do next. */
export function deployShowView(deploy: DeployShowReport, now: Date): string {
  const {environment, number, service} = deploy
  return [
    `${paint.strong(`deploy ${number}`)} of ${service} to ${environment} ${stateStyle(deploy.state)(sentenceOf(deploy))}`,
    '',
    ...factLines(deploy, now),
    ...stepLines(deploy),
    ...hostLines(deploy),
    ...(deploy.next.length === 0
      ? []
      : ['', 'Next:', ...deploy.next.map((line) => `  ${paint.command(line)}`)]),
  ].join('\n')
}

/** What became of it, for the reader who stops after one line. */
function sentenceOf(deploy: DeployShowReport): string {
  const {failedStep, holder, kind, release, state, why} = deploy
  const reason = why === undefined ? '' : `: ${safeText(firstLine(why))}`
  const at = failedStep === undefined ? '' : ` at ${failedStep}`
  const id = release === undefined ? 'its release' : releaseId(deploy.service, release)
  switch (state) {
    case 'running':
      return holder === undefined
        ? 'is at work'
        : `is at work, by ${safeText(holder.holder)} on ${safeText(holder.host)}`
    case 'live':
      return endings[kind] ?? `went live: ${id} got the traffic`
    case 'partial':
      return `is live on ${someHosts(deploy)}${reason}`
    case 'failed':
      return `failed${at}${reason}`
    case 'interrupted':
      return `was interrupted${at}${reason}`
    case 'paused':
      return `is paused${at}${reason}`
    case 'aborted':
      return `was aborted${reason}`
    case 'abandoned':
      return `was abandoned${cutAt(deploy.steps)}: whoever was at work on it was killed, or lost the catalog`
  }
}

function someHosts({batches = [], failedHosts = []}: DeployShowReport): string {
  const hosts = batches.flat()
  const reached = hosts.length - failedHosts.length
  if (failedHosts.length > 0) return `${reached} of ${hosts.length} hosts`
  return hosts.length === 0 ? 'some hosts only' : `${hosts.join(', ')} only`
}

const endings: Partial<Record<DeployShowReport['kind'], string>> = {
  restart: 'went well: all of it was started anew',
  scale: 'went well: as many run as are wanted',
}

function cutAt(steps: readonly ShownStep[]): string {
  const cut = steps.findLast(({outcome}) => outcome === 'cut')
  if (cut !== undefined) return ` in the step ${cut.step}${batchOf(cut)}`
  const last = steps.at(-1)
  return last === undefined ? ' before its first step' : ` after the step ${last.step}${batchOf(last)}`
}

function factLines(deploy: DeployShowReport, now: Date): string[] {
  const {before, by, commit, dirty, finishedAt, host, kind, killed = [], onFailure, ref} = deploy
  const {release, service} = deploy
  const took =
    finishedAt === undefined ? '' : `, took ${elapsed(millisBetween(deploy.startedAt, finishedAt))}`
  const made = commit === undefined ? '' : ` at ${commit.slice(0, 8)}${dirty ? '+changes' : ''}`
  const from =
    before === undefined ? 'nothing was live before' : `${releaseId(service, before)} was live before`
  return [
    fact('release', `${release === undefined ? 'none yet' : releaseId(service, release)} (${from})`),
    fact('from', `${safeText(ref)}${made}`),
    ...changeLines(deploy),
    fact('kind', [kind, strategyWords(deploy)].filter((part) => part !== '').join(', ')),
    fact('by', `${safeText(by)} on ${safeText(host)}, ${ago(deploy.startedAt, now)}${took}`),
    ...(onFailure === undefined ? [] : [fact('on failure', onFailure)]),
    ...(killed.length === 0
      ? []
      : [fact('killed', `${safeText(killed.join(', '))}: SIGTERM did not end it`)]),
  ]
}

function changeLines({promotedFrom, scale, service}: DeployShowReport): string[] {
  return [
    ...(promotedFrom === undefined ? [] : [fact('promoted', `from ${releaseId(service, promotedFrom)}`)]),
    ...(scale === undefined
      ? []
      : [fact('scale', `${scaleWords(scale.wanted)}, before ${scaleWords(scale.before)}`)]),
  ]
}

function scaleWords(processes: Readonly<Record<string, number>> = {}): string {
  const words = Object.entries(processes).map(([process, count]) => `${process}=${count}`)
  return words.length === 0 ? 'one on every host' : words.join(' ')
}

function strategyWords({batches = [], strategy}: DeployShowReport): string {
  if (strategy === undefined) return ''
  const count = batches.length === 1 ? '1 batch' : `${batches.length} batches`
  return `${strategy.kind}, ${count}`
}

function fact(name: string, text: string): string {
  return `  ${paint.dim(name.padEnd(11))}${text}`
}

function stepLines({steps}: DeployShowReport): string[] {
  if (steps.length === 0) return ['', '  no step was begun']
  const rows = steps.map((step): Cell[] => [
    `${step.step}${batchOf(step)}`,
    outcomeCell(step.outcome),
    step.durationMillis === undefined ? '-' : elapsed(step.durationMillis),
    firstLine(step.detail ?? ''),
  ])
  return ['', table(['STEP', 'STATE', 'TOOK', 'DETAIL'], rows, paint.dim)]
}

function hostLines(deploy: DeployShowReport): string[] {
  if (deploy.hosts.length === 0) return []
  const rows = deploy.hosts.map((each): Cell[] => [
    {text: each.host, style: paint.strong},
    String(each.batch),
    hostWords(deploy, each),
  ])
  return ['', table(['HOST', 'BATCH', 'STANDS'], rows, paint.dim)]
}

function outcomeCell(outcome: ShownStep['outcome']): Cell {
  switch (outcome) {
    case 'done':
      return {text: 'done', style: paint.good}
    case 'failed':
      return {text: 'failed', style: paint.bad}
    case 'cut':
      return {text: 'cut short', style: paint.bad}
    case 'running':
      return {text: 'at work', style: paint.command}
    case 'skipped':
      return {text: outcome, style: paint.dim}
  }
}

function batchOf({batch}: Pick<ShownStep, 'batch'>): string {
  return batch === undefined ? '' : ` ${batch}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

function millisBetween(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}
