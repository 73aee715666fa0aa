import {type Catalog} from '../../catalog/catalog.js'
import {absent, unchanged} from '../../catalog/collection.js'
import {findEnvironment} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {parseName} from '../../domain/names.js'

export interface AcceptLossNeeds {
  catalog: Catalog
  clock: Clock
  report: Report
  actor: string
  /** Returns once a person agreed. @throws YardError E_NOT_CONFIRMED */
  confirm: (held: readonly HeldLoss[]) => Promise<void>
}

export interface AcceptLossRequest {
  environment: string
  dryRun: boolean
}

/** What the sidecar of a host holds back. */
export interface HeldLoss {
  host: string
  losses: string[]
}

export interface AcceptLossReport {
  environment: string
  /** `nothing-held`: no sidecar holds anything back, and nothing was written. */
  outcome: 'accepted' | 'nothing-held'
  dryRun: boolean
  held: HeldLoss[]
}

/**
 * Says that what vanished from the catalog is meant to be gone: the sidecars let go of it within moments. What vanishes
 * afterwards isn't meant.
 * @throws YardError E_NAME_INVALID, E_ENVIRONMENT_UNKNOWN, E_NOT_CONFIRMED
 */
export async function acceptLoss(
  needs: AcceptLossNeeds,
  request: AcceptLossRequest,
): Promise<AcceptLossReport> {
  const {actor, catalog, clock, report} = needs
  const environment = parseName('environment', request.environment)
  const agents = await catalog.agents.list(keys.agents(environment))
  // The environment's own record may be what was lost: its sidecars are enough.
  if (agents.records.length === 0) await findEnvironment(catalog, environment)
  reportBad(report, agents.bad)
  const held = agents.records
    .map(({record}) => ({host: record.host, losses: record.sidecar?.suspects ?? []}))
    .filter(({losses}) => losses.length > 0)
  if (held.length === 0) return {environment, outcome: 'nothing-held', dryRun: request.dryRun, held}
  const accepted: AcceptLossReport = {environment, outcome: 'accepted', dryRun: request.dryRun, held}
  if (request.dryRun) return accepted
  await needs.confirm(held)
  const key = keys.lossAcceptance(environment)
  for (;;) {
    const entry = await catalog.store.get(key)
    const compare = entry === undefined ? absent(key) : unchanged(key, entry)
    const record = {v: 1 as const, environment, by: actor, at: clock.now().toISOString()}
    if ((await catalog.attempt([compare], [catalog.lossAcceptances.put(key, record)])) !== false)
      return accepted
  }
}
