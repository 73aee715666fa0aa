import type * as v from 'valibot'

import {apiTokenSchema} from '../../src/domain/api-token.js'
import {auditEntrySchema, auditHeadSchema} from '../../src/domain/audit-entry.js'
import {configValueSchema} from '../../src/domain/config-value.js'
import {consumerSchema} from '../../src/domain/consumer.js'
import {deploySchema, deployStepSchema} from '../../src/domain/deploy.js'
import {
  environmentSchema,
  hostDrainSchema,
  hostSchema,
  localEnvironment,
} from '../../src/domain/environment.js'
import {agentSchema, instanceSchema, instanceStatusSchema} from '../../src/domain/instance.js'
import {lockSchema} from '../../src/domain/lock.js'
import {lossAcceptanceSchema} from '../../src/domain/loss-acceptance.js'
import {maintenanceSchema} from '../../src/domain/maintenance.js'
import {portReservationSchema} from '../../src/domain/port-reservation.js'
import {publicRouteSchema} from '../../src/domain/public-route.js'
import {pushedRoutingSchema} from '../../src/domain/pushed-routing.js'
import {bindingSchema, buildSchema, releaseSchema} from '../../src/domain/release.js'
import {scaleSchema} from '../../src/domain/scale.js'
import {serviceSchema} from '../../src/domain/service.js'
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
const digest = 'a'.repeat(64)
const sealed = '-----BEGIN AGE ENCRYPTED FILE-----\nYWJj\n-----END AGE ENCRYPTED FILE-----\n'

/** A record of every kind in the catalog, with every field. */
export const everyKind: [name: string, schema: v.GenericSchema, record: object][] = [
  [
    'service',
    serviceSchema,
    aService({
      repository: 'git@example.com:hello.git',
      port: 3_000,
      calls: ['identity'],
      routing: {
        responseMillis: 5_000,
        connectMillis: 500,
        queueMillis: 1_000,
        maxConnections: 50,
        slowStartMillis: 10_000,
        retries: 1,
      },
    }),
  ],
  [
    'build',
    buildSchema,
    {
      v: 1,
      service: 'hello',
      id: aCommit,
      commit: aCommit,
      dirty: false,
      status: 'succeeded',
      artifact: digest,
      startedAt: at,
      finishedAt: at,
    },
  ],
  [
    'release',
    releaseSchema,
    aRelease({
      variables: {LOG_LEVEL: 'info'},
      secrets: {
        KEY: {kind: 'sealed', sealed},
        OTHER: {kind: 'reference', reference: 'secret://op/vault/item'},
      },
      smoke: ['smoke/*.hurl'],
    }),
  ],
  [
    'environment',
    environmentSchema,
    {
      ...localEnvironment(),
      order: 1,
      protected: true,
      personal: false,
      declared: true,
      router: {...localEnvironment().router, statisticsPort: 7_071, scope: 'consumers'},
      edge: {
        httpPort: 80,
        httpsPort: 443,
        certificates: '/etc/yard/certificates',
        redirect: true,
        requestsPerMinute: 600,
        maxBodyBytes: 1_024,
      },
    },
  ],
  [
    'host',
    hostSchema,
    {
      v: 1,
      name: 'web-1',
      environment: 'staging',
      address: '10.0.0.11',
      description: '',
      zone: 'a',
      edge: true,
      sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFo='],
      declared: true,
    },
  ],
  ['host drain', hostDrainSchema, {v: 1, host: 'web-1', environment: 'staging', since: at, by: 'ada'}],
  ['public route', publicRouteSchema, aPublicRoute({path: '/api'})],
  ['maintenance', maintenanceSchema, aMaintenance()],
  ['loss acceptance', lossAcceptanceSchema, {v: 1, environment: 'staging', by: 'ada', at}],
  [
    'pushed routing',
    pushedRoutingSchema,
    {v: 1, environment: 'staging', host: 'web-1', revision: 1, generation: digest, by: 'ada', at},
  ],
  ['binding', bindingSchema, aBinding({previous: 3, instances: 2})],
  ['instance', instanceSchema, anInstance({weight: 50, drainUntil: at})],
  [
    'status',
    instanceStatusSchema,
    aStatus({pid: 7, lastExit: 'exit code 1', nextStartAt: at, drained: false}),
  ],
  [
    'agent',
    agentSchema,
    {
      v: 1,
      host: 'web-1',
      pid: 1,
      startedAt: at,
      appliedRevision: 1,
      haproxyVersion: '3.0',
      serving: ['billing-r4', 'billing-r4'],
      problem: 'x',
      skipped: ['a'],
      sidecar: {
        version: '1.0.0',
        seenRevision: 1,
        seenAt: at,
        records: 1,
        staleSince: at,
        appliedAt: at,
        generation: digest,
        lastChange: {how: 'reload', durationMillis: 1, at},
        reloads: {done: 1, refused: 1, avoided: 1},
        workers: 1,
        suspects: ['x'],
        drift: ['x'],
        isReloadOwed: true,
      },
    },
  ],
  [
    'deploy',
    deploySchema,
    aDeploy({
      build: aCommit,
      before: 1,
      strategy: {kind: 'canary', weight: 10, bakeMillis: 1_000, batch: {percent: 25}},
      batches: [['web-1'], ['web-2']],
      onFailure: 'pause',
      failedStep: 'smoke',
      why: 'x',
      failedHosts: [{host: 'web-2', why: 'x'}],
    }),
  ],
  [
    'scale',
    scaleSchema,
    {v: 1, service: 'hello', environment: 'staging', processes: {web: 3}, by: 'ada', changedAt: at},
  ],
  [
    'deploy step',
    deployStepSchema,
    {
      v: 1,
      deploy: 1,
      step: 'smoke',
      attempt: 1,
      startedAt: at,
      finishedAt: at,
      durationMillis: 1,
      outcome: 'done',
      detail: 'x',
      batch: 1,
      hosts: [{host: 'web-1', outcome: 'done', detail: 'x'}],
    },
  ],
  [
    'lock',
    lockSchema,
    {
      v: 1,
      name: 'a/b',
      holder: 'ada',
      host: 'x',
      pid: 1,
      processStartedAt: '1',
      purpose: 'x',
      since: at,
      ciUrl: 'https://ci',
      ttlMillis: 1,
    },
  ],
  [
    'port',
    portReservationSchema,
    {v: 1, environment: 'local', host: 'web-1', port: 21_000, owner: 'hello-r1@web-1'},
  ],
  [
    'plain value',
    configValueSchema,
    {
      v: 1,
      name: 'A',
      environment: 'local',
      service: 'hello',
      content: {kind: 'plain', value: 'x'},
      setBy: 'ada',
      setAt: at,
    },
  ],
  [
    'sealed value',
    configValueSchema,
    {v: 1, name: 'A', environment: 'local', content: {kind: 'sealed', sealed}, setBy: 'ada', setAt: at},
  ],
  [
    'consumer',
    consumerSchema,
    {
      v: 1,
      service: 'hello',
      consumer: 'other',
      token: sealed,
      tokenDigest: digest,
      addedBy: 'ada',
      addedAt: at,
      rotatedAt: at,
    },
  ],
  [
    'token',
    apiTokenSchema,
    {
      v: 1,
      id: '0'.repeat(16),
      name: 'ci',
      role: 'reader',
      digest,
      createdBy: 'ada',
      createdAt: at,
      expiresAt: at,
      revokedAt: at,
    },
  ],
  [
    'audit row',
    auditEntrySchema,
    {
      v: 1,
      number: 1,
      at,
      by: 'ada',
      git: 'ada',
      token: 'ci',
      host: 'x',
      command: 'deploy',
      arguments: ['a'],
      service: 'hello',
      environment: 'local',
      outcome: 'done',
      code: 'E',
      durationMillis: 1,
      previous: digest,
      hash: digest,
    },
  ],
  ['audit head', auditHeadSchema, {v: 1, count: 1, hash: digest}],
]
