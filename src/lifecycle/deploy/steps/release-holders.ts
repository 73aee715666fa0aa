import {type Catalog} from '../../../catalog/catalog.js'
import {keys} from '../../../catalog/keys.js'
import {type InstanceHost} from '../../../contracts/instance-host.js'
import {type Environment, type Host} from '../../../domain/environment.js'
import {type Release} from '../../../domain/release.js'

export interface HolderNeeds {
  catalog: Catalog
  openInstanceHost: (environment: Environment, host: Host) => Promise<InstanceHost>
}

/** A host that may have a release, or one of the same files under another number. */
export interface ReleaseHolder {
  environment: Environment
  host: Host
  release: Release
}

/** How often a build may have been promoted from one environment to the next. */
const mostPromotions = 20

/**
 * Hosts that may have the files of a release: of its environment, and of those that it was promoted from. Hosts on which it
 * runs come first.
 */
export async function releaseHolders(
  {catalog}: Pick<HolderNeeds, 'catalog'>,
  release: Release,
): Promise<ReleaseHolder[]> {
  const running: ReleaseHolder[] = []
  const others: ReleaseHolder[] = []
  for (const one of await sameBuild(catalog, release)) {
    const environment = await catalog.environments.get(keys.environment(one.environment))
    if (environment?.record.kind !== 'hosts') continue
    const hosts = await catalog.hosts.list(keys.hosts(one.environment))
    const instances = await catalog.instances.list(keys.instances(one.environment, one.service))
    const here = instances.records.map(({record}) => record).filter((each) => each.release === one.number)
    const runs = new Set(here.filter(({state}) => state !== 'down').map(({host}) => host))
    for (const {record: host} of hosts.records) {
      const list = runs.has(host.name) ? running : others
      list.push({environment: environment.record, host, release: one})
    }
  }
  return [...running, ...others]
}

/** The release, and those that it was promoted from, newest first. */
async function sameBuild(catalog: Catalog, release: Release): Promise<Release[]> {
  const found = [release]
  for (let from = release.promotedFrom; from !== undefined && found.length <= mostPromotions;) {
    const stored = await catalog.releases.get(keys.release(release.service, from))
    if (stored === undefined || stored.record.artifact !== release.artifact) break
    found.push(stored.record)
    from = stored.record.promotedFrom
  }
  return found
}
