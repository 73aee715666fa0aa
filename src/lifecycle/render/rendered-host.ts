import {type Host} from '../../domain/environment.js'
import {nearestWord} from '../../domain/nearest.js'
import {printable} from '../../domain/names.js'
import {type RoutingFacts} from '../../domain/routing-model.js'
import {YardError} from '../../errors.js'

/**
 * The host that a file is for; undefined for this machine before its first `yard up`.
 * @throws YardError E_HOST_UNKNOWN, E_USAGE when none or more than one can be meant.
 */
export function renderedHost(
  {environment, hosts = []}: RoutingFacts,
  request: {host: string | undefined; isEdge: boolean},
): Host | undefined {
  const {name} = environment
  if (request.host !== undefined) {
    const found = hosts.find((host) => host.name === request.host)
    if (found === undefined) throw unknownHost(name, request.host, hosts)
    if (request.isEdge) refuseInside(environment, found)
    return found
  }
  if (request.isEdge) return firstEdge(environment, hosts)
  if (environment.kind === 'local' || hosts.length === 1) return hosts[0]
  throw new YardError('E_USAGE', {
    what: `Can't tell which host of ${name} is meant`,
    why: hosts.length === 0 ? 'it has none yet' : `it has ${hosts.length}`,
    next:
      hosts.length === 0
        ? [`yard hosts add web-1 --env ${name} --address 10.0.0.11`]
        : [
            `yard render haproxy --env ${name} --host ${hosts[0]?.name ?? ''}`,
            `yard hosts list --env ${name}`,
          ],
  })
}

function firstEdge(environment: RoutingFacts['environment'], hosts: readonly Host[]): Host {
  const [first] = hosts.filter(({edge}) => edge === true)
  if (first === undefined) {
    const isLocal = environment.kind === 'local'
    throw new YardError('E_USAGE', {
      what: `Can't render the edge of ${environment.name}`,
      why: isLocal ? 'it is this machine, and faces nobody outside' : 'no host of it faces the outside',
      next: isLocal
        ? ['yard render haproxy', 'yard render edge --env staging   # an environment with hosts']
        : [
            `yard hosts add edge-1 --env ${environment.name} --address 10.0.0.20 --edge`,
            `yard hosts list --env ${environment.name}`,
          ],
    })
  }
  refuseInside(environment, first)
  return first
}

function refuseInside({edge, name}: RoutingFacts['environment'], host: Host): void {
  const isOutside = host.edge === true
  if (isOutside && edge !== undefined) return
  throw new YardError('E_USAGE', {
    what: `Can't render the edge of ${name} for ${host.name}`,
    why: isOutside ? `${name} has no edge: group in yard.yaml` : `${host.name} faces nobody outside`,
    next: isOutside
      ? [`declare edge: for ${name} in yard.yaml`, 'yard catalog apply']
      : [`yard hosts add ${host.name} --env ${name} --address ${host.address} --edge`],
  })
}

function unknownHost(environment: string, typed: string, hosts: readonly Host[]): YardError {
  const names = hosts.map(({name}) => name)
  const nearest = nearestWord(typed, names)
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return new YardError('E_HOST_UNKNOWN', {
    what: `There's no host called ${printable(typed)} in ${environment}`,
    why: names.length === 0 ? 'the environment has no host yet' : `no host of it has this name${meant}`,
    next: [`yard hosts list --env ${environment}`],
  })
}
