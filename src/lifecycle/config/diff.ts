import {type EffectiveVariable} from '../../domain/config-merge.js'
import {type ConfigListNeeds, readEffective} from './list.js'

export interface ConfigDiffRequest {
  /** Undefined: what all services share. */
  service: string | undefined
  from: string
  to: string
}

export interface ConfigDiffReport {
  service?: string
  from: string
  to: string
  differences: ConfigDifference[]
  /** Secrets that both have: sealed text tells nobody whether they are the same. */
  secrets: {name: string; from: string; to: string}[]
}

export interface ConfigDifference {
  name: string
  /** Absent where it isn't set. */
  from?: DiffSide
  to?: DiffSide
}

export interface DiffSide {
  kind: EffectiveVariable['content']['kind']
  /** The value of a plain one, the text of a reference; nothing of a secret. */
  value?: string
  /** When a secret was set. */
  setAt?: string
}

/**
 * In what the variables of a service differ between two environments. Plain ones and references are compared by value, of
 * secrets it is only known that they are there.
 * @throws YardError E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN
 */
export async function diffConfig(
  needs: ConfigListNeeds,
  request: ConfigDiffRequest,
): Promise<ConfigDiffReport> {
  const {from, service, to} = request
  const left = await sidesOf(needs, from, service)
  const right = await sidesOf(needs, to, service)
  const report: ConfigDiffReport = {
    ...(service !== undefined && {service}),
    from,
    to,
    differences: [],
    secrets: [],
  }
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [one, other] = [left.get(name), right.get(name)]
    if (one?.kind === 'sealed' && other?.kind === 'sealed') {
      report.secrets.push({name, from: one.setAt ?? '', to: other.setAt ?? ''})
    } else if (one?.kind !== other?.kind || one?.value !== other?.value) {
      report.differences.push({name, ...(one && {from: one}), ...(other && {to: other})})
    }
  }
  return report
}

async function sidesOf(
  needs: ConfigListNeeds,
  environment: string,
  service: string | undefined,
): Promise<Map<string, DiffSide>> {
  const variables = await readEffective(needs, {environment, service, file: () => Promise.resolve({})})
  return new Map(variables.map((variable) => [variable.name, sideOf(variable)]))
}

function sideOf({content, setAt}: EffectiveVariable): DiffSide {
  if (content.kind === 'plain') return {kind: content.kind, value: content.value}
  if (content.kind === 'reference') return {kind: content.kind, value: content.reference}
  return {kind: content.kind, ...(setAt !== undefined && {setAt})}
}
