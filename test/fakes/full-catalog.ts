import {type Catalog} from '../../src/catalog/catalog.js'
import {keys} from '../../src/catalog/keys.js'
import {type Write} from '../../src/contracts/store.js'
import {localEnvironment} from '../../src/domain/environment.js'
import {
  aBinding,
  aCommit,
  aDeploy,
  aMaintenance,
  anInstance,
  aPublicRoute,
  aRelease,
  aService,
  aStatus,
} from './records.js'

const at = '2026-11-20T12:00:00.000Z'

/** One record of every kind, in two environments, as yard writes them. */
export async function fillCatalog(catalog: Catalog): Promise<void> {
  const lease = await catalog.store.grantLease(60_000)
  const staging = {...localEnvironment(), name: 'staging', kind: 'hosts' as const, protected: true}
  const host = {v: 1, environment: 'staging', address: '10.0.0.11', description: ''} as const
  const instance = anInstance({environment: 'staging', host: 'web-1', address: '10.0.0.11'})
  const writes: Write[] = [
    catalog.environments.put(keys.environment('local'), localEnvironment()),
    catalog.environments.put(keys.environment('staging'), staging),
    catalog.hosts.put(keys.host('staging', 'web-1'), {...host, name: 'web-1', zone: 'a'}),
    catalog.services.put(keys.service('hello'), aService()),
    catalog.services.put(keys.service('identity'), aService({name: 'identity', processes: {}})),
    catalog.consumers.put(keys.consumer('identity', 'hello'), {
      v: 1,
      service: 'identity',
      consumer: 'hello',
      token: '-----BEGIN AGE ENCRYPTED FILE-----\nYQ==\n-----END AGE ENCRYPTED FILE-----\n',
      tokenDigest: 'a'.repeat(64),
      addedBy: 'ada',
      addedAt: at,
    }),
    catalog.config.put(keys.configValue('staging', undefined, 'LOG_LEVEL'), {
      v: 1,
      name: 'LOG_LEVEL',
      environment: 'staging',
      content: {kind: 'plain', value: 'héllo\n'},
      setBy: 'ada',
      setAt: at,
    }),
    catalog.config.put(keys.configValue('staging', 'hello', 'KEY'), {
      v: 1,
      name: 'KEY',
      environment: 'staging',
      service: 'hello',
      content: {kind: 'reference', reference: 'secret://op/vault/item/field'},
      setBy: 'ada',
      setAt: at,
    }),
    catalog.builds.put(keys.build('hello', aCommit), {
      v: 1,
      service: 'hello',
      id: aCommit,
      commit: aCommit,
      dirty: false,
      status: 'succeeded',
      artifact: 'a'.repeat(64),
      startedAt: at,
    }),
    catalog.releases.put(keys.release('hello', 1), aRelease()),
    catalog.deploys.put(keys.deploy('staging', 'hello', 1), aDeploy({environment: 'staging'})),
    catalog.deploySteps.put(keys.deployStep('staging', 'hello', 1, 2, 1), {
      v: 1,
      deploy: 1,
      step: 'build',
      attempt: 1,
      startedAt: at,
      outcome: 'done',
    }),
    catalog.ports.put(keys.port('staging', 'web-1', 21_001), {
      v: 1,
      environment: 'staging',
      host: 'web-1',
      port: 21_001,
      owner: instance.id,
    }),
    catalog.hostDrains.put(keys.hostDrain('staging', 'web-1'), {
      v: 1,
      host: 'web-1',
      environment: 'staging',
      since: at,
      by: 'ada',
    }),
    catalog.publicRoutes.put(keys.publicRoute('staging', 'hello.example.org', '/'), aPublicRoute()),
    catalog.publicRoutes.put(
      keys.publicRoute('staging', 'example.org', '/hello'),
      aPublicRoute({host: 'example.org', path: '/hello'}),
    ),
    catalog.maintenances.put(keys.maintenance('staging', 'identity'), aMaintenance({service: 'identity'})),
    catalog.lossAcceptances.put(keys.lossAcceptance('staging'), {
      v: 1,
      environment: 'staging',
      by: 'ada',
      at,
    }),
    catalog.scales.put(keys.scale('staging', 'billing'), {
      v: 1,
      service: 'billing',
      environment: 'staging',
      processes: {web: 3},
      by: 'ada',
      changedAt: at,
    }),
    catalog.pushedRoutings.put(keys.pushedRouting('staging', 'web-1'), {
      v: 1,
      environment: 'staging',
      host: 'web-1',
      revision: 1,
      generation: 'a'.repeat(64),
      by: 'ada',
      at,
    }),
    catalog.instances.put(keys.instance('staging', 'hello', instance.id), instance),
    catalog.bindings.put(keys.binding('staging', 'hello'), aBinding()),
    catalog.statuses.put(keys.status('staging', instance.id), aStatus({id: instance.id}), lease),
    catalog.tokens.put(keys.token('0123456789abcdef'), {
      v: 1,
      id: '0123456789abcdef',
      name: 'ci',
      role: 'reader',
      digest: 'b'.repeat(64),
      createdBy: 'ada',
      createdAt: at,
    }),
    catalog.locks.put(
      keys.lock('deploy/staging/hello'),
      {
        v: 1,
        name: 'deploy/staging/hello',
        holder: 'ada',
        host: 'laptop',
        pid: 1,
        processStartedAt: '',
        purpose: 'x',
        since: at,
      },
      lease,
    ),
  ]
  await catalog.commit('', [], writes)
}
