import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type Write} from '../../contracts/store.js'

const portsAtOnce = 100

/** The writes that remove a host on which nothing runs, with its drain, what was pushed to it and the ports that were kept there. */
export async function removalOfHost(catalog: Catalog, environment: string, host: string): Promise<Write[]> {
  const ports = await catalog.store.range(keys.ports(environment, host))
  return [
    {delete: keys.host(environment, host)},
    {delete: keys.hostDrain(environment, host)},
    {delete: keys.pushedRouting(environment, host)},
    ...ports.entries.slice(0, portsAtOnce).map(({key}) => ({delete: key})),
  ]
}
