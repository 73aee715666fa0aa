import {type Instance, type InstanceStatus} from './instance.js'
import {type Binding} from './release.js'

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
  const active = instances.filter(
    ({release, service, state}) =>
      service === binding.service && release === binding.active && state !== 'down' && state !== 'disabled',
  )
  if (active.length === 0) return 'down'
  const seen = active.map(({id}) => statuses.get(id))
  if (seen.every((status) => status === undefined)) return 'unknown'
  const serving = active.filter((instance, index) => isServing(instance, seen[index]))
  if (serving.length === active.length) return 'up'
  return serving.length === 0 ? 'down' : 'degraded'
}

function isServing(instance: WantedInstance, status: SeenInstance | undefined): boolean {
  return instance.state === 'up' && status?.running === 'running' && status.healthy !== false
}
