import {type Agent, type Instance, type InstanceStatus} from './instance.js'
import {type Binding, releaseId} from './release.js'

/**
 * `unknown`: nothing looks after the hosts, so nobody can tell. `degraded`: some of its instances serve, others
 * don't.
 */
export type ServiceState = 'not-deployed' | 'up' | 'degraded' | 'down' | 'unknown'

/** What the state of a service follows from. */
export type WantedInstance = Pick<Instance, 'id' | 'service' | 'release' | 'state'>
export type SeenInstance = Pick<InstanceStatus, 'running' | 'healthy'>

/** How a service fares in one environment, by the instances of the release that has its traffic. */
export function serviceState(
  binding: Binding | undefined,
  instances: readonly WantedInstance[],
  statuses: ReadonlyMap<string, SeenInstance>,
): ServiceState {
  if (binding === undefined) return 'not-deployed'
  const active = activeOf(binding, instances)
  if (active.length === 0) return 'down'
  const seen = active.map(({id}) => statuses.get(id))
  if (seen.every((status) => status === undefined)) return 'unknown'
  const serving = active.filter((instance, index) => isServing(instance, seen[index]))
  if (serving.length === active.length) return 'up'
  return serving.length === 0 ? 'down' : 'degraded'
}

/** The same where it's known how many of them serve, at least one. */
export function stateByCount(
  binding: Binding,
  instances: readonly WantedInstance[],
  serving: number,
): ServiceState {
  return serving >= activeOf(binding, instances).length ? 'up' : 'degraded'
}

function activeOf(binding: Binding, instances: readonly WantedInstance[]): WantedInstance[] {
  return instances.filter(
    ({release, service, state}) =>
      service === binding.service && release === binding.active && state !== 'down' && state !== 'disabled',
  )
}

/** Whether it was given the traffic, runs, and passes its health check as far as that is known. */
export function isServing(
  instance: Pick<WantedInstance, 'state'>,
  status: SeenInstance | undefined,
): boolean {
  return instance.state === 'up' && status?.running === 'running' && status.healthy !== false
}

/**
 * Whether a service is up for certain by what its hosts count alone: as many instances serve as were given the traffic.
 * False says nothing; then each instance must be looked at.
 */
export function isUpByCount(binding: Binding, serving: ReadonlyMap<string, number>): boolean {
  const {active, instances = 0, service} = binding
  return instances > 0 && (serving.get(releaseId(service, active)) ?? 0) >= instances
}

/** How many instances of each release serve, by what every host counts. */
export function servingOf(agents: readonly Pick<Agent, 'serving'>[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const {serving = []} of agents) {
    for (const release of serving) sums.set(release, (sums.get(release) ?? 0) + 1)
  }
  return sums
}
