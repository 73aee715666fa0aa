import {type Catalog} from '../../catalog/catalog.js'
import {type Stored, unchanged} from '../../catalog/collection.js'
import {refuse} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type FleetHostState, type FleetState} from '../../contracts/practice-fleet.js'
import {type StoreEntry} from '../../contracts/store.js'
import {canonicalJson} from '../../domain/canonical-json.js'
import {
  defaultRouterPort,
  defaultRoutingHeader,
  type Environment,
  type Host,
} from '../../domain/environment.js'
import {isFleetHostName} from '../../domain/fleet.js'
import {YardError} from '../../errors.js'

/**
 * Whether the fleet may be this environment: there is none of this name yet, or it's made for it.
 * @throws YardError E_USAGE when other machines are in it, or somebody guards it
 */
export async function checkEnvironment(catalog: Catalog, environment: string): Promise<void> {
  const stored = await catalog.environments.get(keys.environment(environment), refuse)
  const {entries} = await catalog.store.range(keys.hosts(environment))
  const others = entries
    .map(({key}) => key.slice(keys.hosts(environment).length))
    .filter((name) => !isFleetHostName(name))
  if (others.length > 0)
    throw isTaken(environment, `it has hosts of its own: ${others.slice(0, 5).join(', ')}`)
  if (stored?.record.protected === true) throw isTaken(environment, 'it is protected')
  if (stored?.record.declared === true) throw isTaken(environment, 'a platform file declares it')
}

/**
 * Writes the environment and the hosts, with their SSH host keys, as far as they differ.
 * @throws YardError E_USAGE when somebody else began to use the environment meanwhile
 */
export async function registerFleet(catalog: Catalog, {environment, hosts}: FleetState): Promise<void> {
  for (;;) {
    await checkEnvironment(catalog, environment)
    const place = await placeOf(
      catalog,
      environment,
      hosts.map(({name}) => name),
    )
    const record = place.environment?.record ?? practiceEnvironment(environment)
    const wanted = hosts.map((host) =>
      wantedHost(environment, host, place.hosts.get(host.name)?.stored?.record),
    )
    const changed = wanted.filter((host) => {
      const present = place.hosts.get(host.name)?.stored?.record
      return present === undefined || canonicalJson(present) !== canonicalJson(host)
    })
    if (place.environment !== undefined && changed.length === 0) return
    // The environment is written, too, as it is: whoever removes it at this moment finds that something was added to it.
    const written = await catalog.attempt(
      [
        unchanged(keys.environment(environment), place.environment),
        ...changed.map(({name}) => unchanged(keys.host(environment, name), place.hosts.get(name)?.entry)),
      ],
      [
        catalog.environments.put(keys.environment(environment), record),
        ...changed.map((host) => catalog.hosts.put(keys.host(environment, host.name), host)),
      ],
    )
    if (written !== false) return
  }
}

interface Place {
  environment: Stored<Environment> | undefined
  hosts: Map<string, {entry: StoreEntry | undefined; stored: Stored<Host> | undefined}>
}

/** A record of a host that can't be read is replaced: nothing but yard itself knows better what its hosts are. */
async function placeOf(catalog: Catalog, environment: string, names: readonly string[]): Promise<Place> {
  const stored = await catalog.environments.get(keys.environment(environment), refuse)
  const {entries} = await catalog.store.range(keys.hosts(environment))
  const byKey = new Map(entries.map((entry) => [entry.key, entry]))
  const hosts = names.map((name) => {
    const entry = byKey.get(keys.host(environment, name))
    const [readable] = catalog.hosts.readAll(entry === undefined ? [] : [entry]).records
    return [name, {entry, stored: readable}] as const
  })
  return {environment: stored, hosts: new Map(hosts)}
}

function practiceEnvironment(name: string): Environment {
  return {
    v: 1,
    name,
    kind: 'hosts',
    router: {address: '127.0.0.1', port: defaultRouterPort, header: defaultRoutingHeader},
  }
}

/** Whom to log in as is known of a host that was set up; one that was made anew knows nobody but root. */
function wantedHost(environment: string, host: FleetHostState, present: Host | undefined): Host {
  const {address, isSetUp, name, sshKey} = host
  const user = isSetUp && present?.address === address ? present.user : undefined
  return {
    v: 1,
    name,
    environment,
    address,
    description: present?.description ?? 'of the practice fleet',
    ...(present?.zone !== undefined && {zone: present.zone}),
    ...(present?.edge === true && {edge: true}),
    sshKeys: [sshKey],
    ...(user !== undefined && {user}),
  }
}

function isTaken(environment: string, why: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't make ${environment} the environment of a practice fleet`,
    why,
    next: ['yard fleet up   # as the environment practice', `yard environments show ${environment}`],
  })
}
