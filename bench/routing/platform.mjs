// The platform of the catalog's bench, with instances that are really there: all of them on this machine's loopback.
import {catalogRecords, environment, size} from '../catalog/records.mjs'
import {addressOf} from './fleet.mjs'

export {environment}
export const host = 'web-1'
export const root = '/yard/v1'

/** `[key, record]` of so many services with three instances each, or fewer. The ports are those of the fleet and the router. */
export function routedRecords({services, fleetPort, routerPort, hosts, copies = size.instancesPerService}) {
  const records = []
  let index = 0
  for (const [key, record] of catalogRecords(services / size.services)) {
    if (key.includes('/deploys/') || key.includes('/ports/')) continue
    if (key.includes('/hosts/') && hosts !== undefined && Number(record.name.slice('web-'.length)) > hosts)
      continue
    if (key.includes('/rt/inst/')) {
      const [slot, copy] = [index, index++ % size.instancesPerService]
      if (copy < copies) records.push([key, instanceAt(record, slot, fleetPort)])
    } else if (key.includes('/environments/')) records.push([key, withRouter(record, routerPort)])
    else records.push([key, record])
  }
  return records
}

const instanceAt = (record, index, port) => ({...record, address: addressOf(index), port})

const withRouter = (record, port) => ({...record, router: {...record.router, port}})

/** What `routingModel` is made from. */
export function factsOf(records) {
  const below = (part) => records.filter(([key]) => key.includes(part)).map(([, record]) => record)
  const releases = new Map(
    below(`${root}/releases/`).map((release) => [`${release.service}-r${release.number}`, release]),
  )
  return {
    environment: below('/environments/')[0],
    services: below(`${root}/services/`),
    bindings: below('/rt/bind/'),
    instances: below('/rt/inst/'),
    hosts: below('/hosts/'),
    releases,
  }
}

/** A copy of an instance under another host's name, at another place. */
export function anotherInstance(record, host, index) {
  const id = `${record.service}-r${record.release}@${host}`
  return {...record, id, host, address: addressOf(index)}
}

export const instanceKey = ({environment, service, id}) =>
  `${root}/in/${environment}/rt/inst/${service}/${id}`

/** A service that nobody knows yet, with three instances at addresses from an index on. */
export function addedService(records, {name, healthPath = '/readyz', firstIndex}) {
  const [service, release, binding, instance] = ['/services/', '/releases/', '/rt/bind/', '/rt/inst/'].map(
    (part) => records.find(([key]) => key.includes(part))[1],
  )
  const {number} = release
  const health = {...service.health, path: healthPath}
  const copy = {...instance, service: name, release: number}
  const three = [1, 2, 3].map((host) => anotherInstance(copy, `web-${host}`, firstIndex + host))
  return [
    [`${root}/services/${name}`, {...service, name, routes: [{kind: 'header', value: name}], health}],
    [`${root}/releases/${name}/${String(number).padStart(9, '0')}`, {...release, service: name, health}],
    [`${root}/in/${environment}/rt/bind/${name}`, {...binding, service: name, active: number}],
    ...three.map((record) => [instanceKey(record), record]),
  ]
}
