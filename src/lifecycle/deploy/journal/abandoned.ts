import {recordAudit} from '../../../catalog/audit.js'
import {type Catalog} from '../../../catalog/catalog.js'
import {type Clock} from '../../../contracts/clock.js'
import {type Report} from '../../../contracts/report.js'
import {type Deploy, type DeployStep} from '../../../domain/deploy.js'
import {reasonOf} from '../step-failure.js'

/** Instead of the code of an error: the command itself could not say how it ended. */
export const abandonedCode = 'ABANDONED'

/**
 * Gives the audit the row that a killed command could not write itself: written by whoever finds what it left. A row that
 * can't be written is only warned of.
 */
export async function recordAbandoned(
  {catalog, clock, report}: {catalog: Catalog; clock: Clock; report: Report},
  deploy: Deploy,
  rows: readonly DeployStep[],
): Promise<void> {
  const last = Math.max(
    ...[deploy.startedAt, ...rows.flatMap(({finishedAt, startedAt}) => finishedAt ?? startedAt)].map((at) =>
      Date.parse(at),
    ),
  )
  try {
    await recordAudit(catalog, clock, {
      at: deploy.startedAt,
      by: deploy.by,
      host: deploy.host,
      command: deploy.kind,
      service: deploy.service,
      environment: deploy.environment,
      outcome: 'failed',
      code: abandonedCode,
      durationMillis: Math.max(0, last - Date.parse(deploy.startedAt)),
    })
  } catch (error) {
    report({
      kind: 'warning',
      text: `the audit has no row of deploy ${deploy.number}, which was killed: ${reasonOf(error)}`,
    })
  }
}
