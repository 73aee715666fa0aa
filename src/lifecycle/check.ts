import {type Catalog} from '../catalog/catalog.js'
import {findService} from '../catalog/find.js'
import {type Report} from '../contracts/report.js'
import {type Call} from '../domain/call-graph.js'
import {nearestWord} from '../domain/nearest.js'
import {readCallers} from './call-graph.js'

export interface CheckNeeds {
  catalog: Catalog
  report: Report
}

export interface CheckFinding {
  kind: 'not-a-consumer' | 'not-registered' | 'not-declared' | 'left-over'
  /** Who calls or may call. */
  service: string
  /** Who is called. */
  calls: string
  /** In words for people. */
  text: string
  /** The line that mends it. */
  mend: string
}

export interface CheckReport {
  services: number
  calls: number
  /** Calls that don't work, or won't once tokens are asked for. */
  problems: CheckFinding[]
  /** What is more than needed. */
  hints: CheckFinding[]
}

/**
 * Compares what services say they call with whose consumers they are, for all or for one.
 * @throws YardError E_SERVICE_UNKNOWN
 */
export async function checkCalls(
  needs: CheckNeeds,
  request: {service: string | undefined},
): Promise<CheckReport> {
  const service =
    request.service === undefined
      ? undefined
      : (await findService(needs.catalog, request.service)).record.name
  const {graph, services} = await readCallers(needs)
  const registered = new Set(services.map(({name}) => name))
  const calls = graph.calls.filter(
    ({from, to}) => service === undefined || from === service || to === service,
  )
  const findings = calls.flatMap((call) => findingOf(call, registered) ?? [])
  const isHint = ({kind}: CheckFinding) => kind === 'not-declared' || kind === 'left-over'
  return {
    services: service === undefined ? services.length : 1,
    calls: calls.length,
    problems: findings.filter((finding) => !isHint(finding)),
    hints: findings.filter(isHint),
  }
}

function findingOf(call: Call, registered: ReadonlySet<string>): CheckFinding | undefined {
  const {from, isAllowed, isDeclared, to} = call
  const pair = {service: from, calls: to}
  if (isDeclared && !registered.has(to)) {
    const nearest = nearestWord(to, [...registered])
    const meant = nearest === undefined ? '' : `; did it mean ${nearest}?`
    return {
      kind: 'not-registered',
      ...pair,
      text: `${from} calls ${to}, which is not registered${meant}`,
      mend: `yard register   # in the repository of ${to}, or correct calls: in the service.yaml of ${from}`,
    }
  }
  if (isDeclared && !isAllowed) {
    return {
      kind: 'not-a-consumer',
      ...pair,
      text: `${from} calls ${to} without being its consumer`,
      mend: `yard consumers add ${from} --of ${to}`,
    }
  }
  const mend = `yard consumers remove ${from} --of ${to}`
  const gone = [from, to].find((name) => !registered.has(name))
  if (gone !== undefined) {
    return {kind: 'left-over', ...pair, text: `${from} may call ${to}, but ${gone} is not registered`, mend}
  }
  if (isDeclared) return undefined
  return {
    kind: 'not-declared',
    ...pair,
    text: `${from} may call ${to}, but its service.yaml does not say that it does`,
    mend: `${mend}   # or add ${to} to calls: in the service.yaml of ${from}`,
  }
}
