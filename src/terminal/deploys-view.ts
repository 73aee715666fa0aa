import {type DeployState} from '../domain/deploy-state.js'
import {releaseId} from '../domain/release.js'
import {type ListedDeploy} from '../lifecycle/deploy/journal/list.js'
import {paint} from './colors.js'
import {ago, elapsed} from './elapsed.js'
import {type Cell, table} from './table.js'

export function deploysView(
  deploys: readonly ListedDeploy[],
  {environment, now}: {environment: string; now: Date},
): string {
  if (deploys.length === 0) {
    return `Nothing was deployed to ${environment} yet. Deploy something: ${paint.command(`yard deploy --env ${environment}`)}`
  }
  const rows = deploys.map((deploy): Cell[] => [
    {text: String(deploy.number), style: paint.strong},
    deploy.service,
    deploy.kind,
    releasesOf(deploy),
    {text: stateWords(deploy), style: stateStyle(deploy.state)},
    ago(deploy.startedAt, now),
    tookOf(deploy),
    deploy.by,
  ])
  const header = ['DEPLOY', 'SERVICE', 'KIND', 'RELEASE', 'STATE', 'WHEN', 'TOOK', 'BY']
  const stopped = deploys.filter(({state}) => state === 'abandoned' || state === 'paused')
  return [table(header, rows, paint.dim), ...stopped.map(stoppedLine)].join('\n')
}

const styles: Record<DeployState, (text: string) => string> = {
  running: (text) => paint.command(text),
  live: (text) => paint.good(text),
  failed: (text) => paint.bad(text),
  interrupted: (text) => paint.warn(text),
  paused: (text) => paint.warn(text),
  partial: (text) => paint.warn(text),
  aborted: (text) => paint.dim(text),
  abandoned: (text) => paint.bad(text),
}

export function stateStyle(state: DeployState): (text: string) => string {
  return styles[state]
}

function releasesOf({before, release, service}: ListedDeploy): string {
  if (release === undefined) return '-'
  const from = before === undefined || before === release ? '' : `r${before} → `
  return `${from}${releaseId(service, release)}`
}

function stateWords({failedStep, state}: ListedDeploy): string {
  return state === 'failed' && failedStep !== undefined ? `failed at ${failedStep}` : state
}

function tookOf({finishedAt, startedAt}: ListedDeploy): string {
  if (finishedAt === undefined) return '-'
  return elapsed(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)))
}

function stoppedLine({environment, number, service, state}: ListedDeploy): string {
  const what = state === 'paused' ? 'is paused' : 'was killed'
  const show = paint.command(`yard deploy show ${number} --service ${service} --env ${environment}`)
  return `\n${paint.warn('!')} deploy ${number} of ${service} ${what}: ${show}`
}
