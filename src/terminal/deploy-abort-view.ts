import {releaseId} from '../domain/release.js'
import {type AbortReport} from '../lifecycle/deploy/abort.js'
import {paint} from './colors.js'

export function deployAbortView({deploy, environment, live, rollback, service}: AbortReport): string {
  const now =
    live === undefined
      ? `nothing of ${service} is live in ${environment}, as before it`
      : `${paint.strong(releaseId(service, live))} has the traffic in ${environment}`
  const how = rollback === undefined ? '' : paint.dim(` (brought back by deploy ${rollback.deploy})`)
  return [
    `${paint.good('✓')} deploy ${deploy} of ${service} is taken back: ${now}${how}`,
    '',
    `  ${paint.command(`yard deploy show ${deploy} --service ${service} --env ${environment}`)}`,
    `  ${paint.command(`yard deploy --env ${environment}`)}`,
  ].join('\n')
}
