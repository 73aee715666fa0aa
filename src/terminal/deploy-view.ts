import {shortCommit} from '../domain/build-id.js'
import {releaseId} from '../domain/release.js'
import {type DeployPlan, type DeployReport} from '../lifecycle/deploy.js'
import {paint} from './colors.js'
import {elapsed} from './elapsed.js'

/** What is live now, and lines to try. */
export function deployView(report: DeployReport): string {
  const {before, commit, dirty, environment, kind, millis, ref, release, router, service} = report
  const verb = kind === 'rollback' ? 'is live again' : 'is live'
  const from = before === undefined ? '' : `, after ${releaseId(service, before)}`
  const port = new URL(router.url).port
  return [
    `${paint.good('✓')} ${paint.strong(releaseId(service, release))} ${verb} in ${environment} ${paint.dim(
      `(${safe(ref)} at ${shortCommit(commit, dirty)}${from}, in ${elapsed(millis)})`,
    )}`,
    '',
    `  ${paint.command(`curl -H '${router.header}: ${service}' ${router.url}/`)}`,
    `  ${paint.command(`curl http://${service}.localhost:${port}/`)}`,
    `  ${paint.command(`yard logs tail ${service}`)}`,
  ].join('\n')
}

/** What would be done. */
export function deployPlanView(plan: DeployPlan): string {
  const {active, commit, dirty, environment, hosts, kind, ref, release, service, steps} = plan
  const target = release === undefined ? service : releaseId(service, release)
  const verb = kind === 'rollback' ? 'roll back to' : 'deploy'
  const now =
    active === undefined ? 'nothing is live there yet' : `${releaseId(service, active)} is live there now`
  return [
    `Would ${verb} ${paint.strong(target)} in ${environment} (${now})`,
    `  from   ${safe(ref)} at ${shortCommit(commit, dirty)}`,
    `  hosts  ${hosts.join(', ')}`,
    `  steps  ${steps.join(', ')}`,
    paint.dim('Nothing was changed.'),
  ].join('\n')
}

function safe(text: string): string {
  return text.replace(/[^\u0020-\u007e]/g, '?')
}
