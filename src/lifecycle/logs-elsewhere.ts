import {type Catalog} from '../catalog/catalog.js'
import {keys} from '../catalog/keys.js'
import {hostProgram, unitId} from '../domain/host-unit.js'
import {YardError} from '../errors.js'

const shownInstances = 3
const shownLines = 50

/** For an environment whose instances write to the journals of their hosts: where their lines are, and how to see them. */
export async function logsElsewhere(
  catalog: Catalog,
  environment: string,
  service: string | undefined,
): Promise<YardError> {
  const hosts = await catalog.hosts.list(keys.hosts(environment))
  const instances = await catalog.instances.list(keys.instances(environment, service))
  const wanted = instances.records.map(({record}) => record).filter(({state}) => state !== 'down')
  const lines = wanted.slice(0, shownInstances).flatMap(({address, host, id}) => {
    const login = hosts.records.find(({record}) => record.name === host)?.record.user ?? 'root'
    return [`ssh ${login}@${address} sudo ${hostProgram} lines ${unitId(id) ?? id} ${shownLines}   # ${id}`]
  })
  return new YardError('E_USAGE', {
    what: `Can't show the logs of ${service ?? 'the services'} in ${environment} here`,
    why: 'they are in the journals of its hosts',
    next: [`yard ps --env ${environment}   # what runs where`, ...lines],
    details: {environment, hosts: hosts.records.map(({record}) => record.name)},
  })
}
