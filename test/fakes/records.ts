import {type Deploy} from '../../src/domain/deploy.js'
import {type Environment, type Host} from '../../src/domain/environment.js'
import {type Agent, type Instance, instanceId, type InstanceStatus} from '../../src/domain/instance.js'
import {type Maintenance} from '../../src/domain/maintenance.js'
import {type PublicRoute} from '../../src/domain/public-route.js'
import {type Binding, type Release} from '../../src/domain/release.js'
import {type Service} from '../../src/domain/service.js'

const instant = '2026-11-20T12:00:00.000Z'
export const aCommit = '0123456789abcdef0123456789abcdef01234567'

export function aService(changes: Partial<Service> = {}): Service {
  return {
    v: 1,
    name: 'hello',
    owner: 'ada',
    description: 'says hello',
    processes: {web: 'node dist/main.js'},
    health: {path: '/readyz', timeoutMillis: 30_000, stableMillis: 1_000},
    routes: [{kind: 'header', value: changes.name ?? 'hello'}],
    registeredAt: instant,
    updatedAt: instant,
    ...changes,
  }
}

export function aRelease(changes: Partial<Release> = {}): Release {
  return {
    v: 1,
    service: 'hello',
    number: 1,
    environment: 'local',
    build: aCommit,
    commit: aCommit,
    ref: 'main',
    dirty: false,
    artifact: 'a'.repeat(64),
    variables: {},
    processes: {web: 'node dist/main.js'},
    health: {path: '/readyz', timeoutMillis: 30_000, stableMillis: 1_000},
    drain: {timeoutMillis: 30_000, graceMillis: 10_000},
    smoke: [],
    createdAt: instant,
    createdBy: 'ada@laptop',
    ...changes,
  }
}

export function aBinding(changes: Partial<Binding> = {}): Binding {
  return {v: 1, service: 'hello', active: 1, movedAt: instant, deploy: 1, ...changes}
}

/** Its id follows from the other parts unless it's given. */
export function anInstance(changes: Partial<Instance> = {}): Instance {
  const parts = {service: 'hello', release: 1, process: 'web', host: 'localhost', ...changes}
  return {
    v: 1,
    id: instanceId(parts),
    environment: 'local',
    address: '127.0.0.1',
    port: 21_001,
    state: 'up',
    deploy: 1,
    createdAt: instant,
    ...parts,
  }
}

export function aStatus(changes: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    v: 1,
    id: 'hello-r1@localhost',
    running: 'running',
    since: instant,
    restarts: 0,
    healthy: true,
    ...changes,
  }
}

export function aDeploy(changes: Partial<Deploy> = {}): Deploy {
  return {
    v: 1,
    number: 1,
    service: 'hello',
    environment: 'local',
    kind: 'deploy',
    ref: 'main',
    commit: aCommit,
    dirty: false,
    release: 1,
    by: 'ada@laptop',
    host: 'laptop',
    startedAt: instant,
    finishedAt: instant,
    outcome: 'live',
    ...changes,
  }
}

export function aHost(changes: Partial<Host> = {}): Host {
  return {v: 1, name: 'web-1', environment: 'staging', address: '10.0.0.11', description: '', ...changes}
}

export function anEnvironment(changes: Partial<Environment> = {}): Environment {
  return {
    v: 1,
    name: 'staging',
    kind: 'hosts',
    router: {address: '127.0.0.1', port: 7070, header: 'Yard-Service'},
    ...changes,
  }
}

export function anAgent(changes: Partial<Agent> = {}): Agent {
  return {
    v: 1,
    host: 'web-1',
    pid: 42,
    startedAt: instant,
    appliedRevision: 1,
    haproxyVersion: '2.6.12',
    skipped: [],
    ...changes,
  }
}

export function aPublicRoute(changes: Partial<PublicRoute> = {}): PublicRoute {
  return {
    v: 1,
    environment: 'staging',
    host: 'hello.example.org',
    path: '/',
    service: 'hello',
    addedBy: 'ada@laptop',
    addedAt: instant,
    ...changes,
  }
}

export function aMaintenance(changes: Partial<Maintenance> = {}): Maintenance {
  return {
    v: 1,
    environment: 'staging',
    service: 'hello',
    message: 'back at nine',
    since: instant,
    by: 'ada@laptop',
    ...changes,
  }
}
