import {performance} from 'node:perf_hooks'

import {type StorePart} from '../../contracts/store.js'
import {type Gateway} from './gateway.js'
import {type Endpoint} from './options.js'
import {Refusal} from './refusal.js'
import {NoAnswer} from './transport.js'
import {type Answer, arrayOf, headerOf, identityOf, integerOf} from './wire.js'

const patienceMillis = 3_000

/** Asks each member for itself, all at once. */
export async function healthOf(gateway: Gateway): Promise<StorePart[]> {
  const alarms = await alarmsOf(gateway)
  const states = await Promise.all(gateway.endpoints.map((endpoint) => stateOf(gateway, endpoint)))
  const clusters = new Set(states.flatMap((state) => ('clusterId' in state ? [state.clusterId] : [])))
  return states.map((state) => partOf(state, alarms, clusters.size > 1))
}

interface MemberState {
  name: string
  memberId: string
  clusterId: string
  /** '0' when it knows of none. */
  leader: string
  version: string
  databaseBytes: number
  latencyMillis: number
  errors: string[]
}

type State = MemberState | {name: string; problem: string}

async function stateOf(gateway: Gateway, endpoint: Endpoint): Promise<State> {
  const {name} = endpoint
  const begun = performance.now()
  try {
    const answer = await gateway.ask(endpoint, '/v3/maintenance/status', '{}', begun + patienceMillis)
    const {version, errors} = answer
    return {
      name,
      ...headerOf(answer),
      leader: identityOf(answer['leader']),
      version: typeof version === 'string' ? version : 'of an unknown version',
      databaseBytes: integerOf(answer['dbSize']),
      latencyMillis: Math.max(1, Math.round(performance.now() - begun)),
      errors: Array.isArray(errors) ? errors.map(String) : [],
    }
  } catch (error) {
    if (error instanceof NoAnswer) return {name, problem: error.reason}
    return {name, problem: error instanceof Refusal ? `answered "${error.message}"` : describe(error)}
  }
}

function partOf(state: State, alarms: ReadonlyMap<string, string>, isMixed: boolean): StorePart {
  const {name} = state
  if ('problem' in state) return {name, isHealthy: false, detail: state.problem}
  const alarm = alarms.get(state.memberId)
  const problems = [
    ...(state.leader === '0' ? ['knows of no leader'] : []),
    ...(alarm === undefined ? [] : [`alarm ${alarm}`]),
    ...state.errors.filter((error) => !error.includes('no leader') && !error.includes('alarm')),
    ...(isMixed ? [`is of the cluster ${BigInt(state.clusterId).toString(16)}, and others are not`] : []),
  ]
  const detail = [
    `etcd ${state.version}`,
    state.leader === state.memberId ? 'leader' : 'follower',
    sizeOf(state.databaseBytes),
    `${state.latencyMillis} ms`,
    ...problems,
  ]
  return {name, isHealthy: problems.length === 0, detail: detail.join(', ')}
}

/** By member. Only an administrator of etcd may ask where users are on; what isn't told isn't shown. */
async function alarmsOf(gateway: Gateway): Promise<Map<string, string>> {
  try {
    const deadline = performance.now() + patienceMillis
    const answer: Answer = await gateway.call(
      '/v3/maintenance/alarm',
      {action: 'GET'},
      {isRepeatable: true, deadline},
    )
    return new Map(
      arrayOf(answer['alarms']).map(({memberID, alarm}) => [identityOf(memberID), String(alarm)]),
    )
  } catch {
    return new Map()
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function sizeOf(bytes: number): string {
  const megabytes = bytes / (1024 * 1024)
  return megabytes < 1 ? `${Math.ceil(bytes / 1024)} KiB` : `${megabytes.toFixed(1)} MiB`
}
