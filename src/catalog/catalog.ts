import {type Compare, type Store, type Write} from '../contracts/store.js'
import {apiTokenSchema} from '../domain/api-token.js'
import {auditEntrySchema, auditHeadSchema} from '../domain/audit-entry.js'
import {type ConfigValue, configValueSchema} from '../domain/config-value.js'
import {consumerSchema} from '../domain/consumer.js'
import {type Deploy, deploySchema, deployStepSchema} from '../domain/deploy.js'
import {environmentSchema, type HostDrain, hostDrainSchema, hostSchema} from '../domain/environment.js'
import {
  agentSchema,
  type Instance,
  instanceId,
  instanceSchema,
  instanceStatusSchema,
  parseInstanceId,
} from '../domain/instance.js'
import {lockSchema} from '../domain/lock.js'
import {lossAcceptanceSchema} from '../domain/loss-acceptance.js'
import {maintenanceSchema} from '../domain/maintenance.js'
import {type PortReservation, portReservationSchema} from '../domain/port-reservation.js'
import {publicRouteSchema} from '../domain/public-route.js'
import {pushedRoutingSchema} from '../domain/pushed-routing.js'
import {bindingSchema, buildSchema, releaseSchema} from '../domain/release.js'
import {scaleSchema} from '../domain/scale.js'
import {serviceSchema} from '../domain/service.js'
import {YardError} from '../errors.js'
import {Collection} from './collection.js'
import {keys} from './keys.js'

/** The typed catalog over one store. */
export class Catalog {
  readonly services
  readonly builds
  readonly releases
  readonly environments
  readonly hosts
  readonly bindings
  readonly instances
  readonly ports
  readonly statuses
  readonly agents
  readonly deploys
  readonly deploySteps
  readonly locks
  readonly hostDrains
  readonly publicRoutes
  readonly maintenances
  readonly lossAcceptances
  readonly pushedRoutings
  readonly scales
  readonly config
  readonly consumers
  readonly tokens
  readonly auditEntries
  readonly auditHead

  constructor(readonly store: Store) {
    this.services = new Collection(store, serviceSchema, ({name}) => keys.service(name))
    this.builds = new Collection(store, buildSchema, ({service, id}) => keys.build(service, id))
    this.releases = new Collection(store, releaseSchema, ({service, number}) => keys.release(service, number))
    this.environments = new Collection(store, environmentSchema, ({name}) => keys.environment(name))
    this.hosts = new Collection(store, hostSchema, ({environment, name}) => keys.host(environment, name))
    this.bindings = new Collection(store, bindingSchema, ({service}) => `/rt/bind/${service}`)
    this.instances = new Collection(store, instanceSchema, keyOfInstance)
    this.ports = new Collection(store, portReservationSchema, keyOfPort)
    this.statuses = new Collection(store, instanceStatusSchema, ({id}) => `/status/${id}`)
    this.agents = new Collection(store, agentSchema, ({host}) => `/agents/${host}`)
    this.deploys = new Collection(store, deploySchema, keyOfDeploy)
    this.deploySteps = new Collection(store, deployStepSchema)
    this.locks = new Collection(store, lockSchema, ({name}) => keys.lock(name))
    this.hostDrains = new Collection(store, hostDrainSchema, keyOfHostDrain)
    this.publicRoutes = new Collection(store, publicRouteSchema, ({environment, host, path}) =>
      keys.publicRoute(environment, host, path),
    )
    this.maintenances = new Collection(store, maintenanceSchema, ({environment, service}) =>
      keys.maintenance(environment, service),
    )
    this.lossAcceptances = new Collection(store, lossAcceptanceSchema, ({environment}) =>
      keys.lossAcceptance(environment),
    )
    this.pushedRoutings = new Collection(store, pushedRoutingSchema, ({environment, host}) =>
      keys.pushedRouting(environment, host),
    )
    this.scales = new Collection(store, scaleSchema, ({environment, service}) =>
      keys.scale(environment, service),
    )
    this.config = new Collection(store, configValueSchema, keyOfConfigValue)
    this.consumers = new Collection(store, consumerSchema, (pair) =>
      keys.consumer(pair.service, pair.consumer),
    )
    this.tokens = new Collection(store, apiTokenSchema, ({id}) => keys.token(id))
    this.auditEntries = new Collection(store, auditEntrySchema, ({number}) => keys.auditEntry(number))
    this.auditHead = new Collection(store, auditHeadSchema)
  }

  /** Applies the writes when every compare holds; false when something else changed first. */
  async attempt(compares: readonly Compare[], writes: readonly Write[]): Promise<number | false> {
    const result = await this.store.transact(compares, writes)
    return result.succeeded && result.revision
  }

  /**
   * Applies the writes and returns their revision.
   * @throws YardError E_CONFLICT when a compare does not hold.
   */
  async commit(what: string, compares: readonly Compare[], writes: readonly Write[]): Promise<number> {
    const revision = await this.attempt(compares, writes)
    if (revision !== false) return revision
    throw new YardError('E_CONFLICT', {
      what,
      why: 'the catalog changed while this command was at work',
      next: ['run the command again'],
    })
  }
}

/** An id that names another service, release or host than the record does fits no key. */
function keyOfInstance(instance: Instance): string {
  const index = parseInstanceId(instance.id)?.index ?? 1
  return keys.instance(instance.environment, instance.service, instanceId({...instance, index}))
}

function keyOfPort({environment, host, port}: PortReservation): string {
  return keys.port(environment, host, port)
}

function keyOfHostDrain({environment, host}: HostDrain): string {
  return keys.hostDrain(environment, host)
}

function keyOfConfigValue({environment, name, service}: ConfigValue): string {
  return keys.configValue(environment, service, name)
}

function keyOfDeploy({environment, service, number}: Deploy): string {
  return keys.deploy(environment, service, number)
}
