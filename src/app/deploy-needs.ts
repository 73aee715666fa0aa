import {LocalMachine} from '../adapters/machine-local/index.js'
import {type DeployNeeds, type RolloutNeeds} from '../lifecycle/deploy.js'
import {smoke} from '../lifecycle/smoke.js'
import {confirmProtected} from './confirm.js'
import {instanceHostOpener, trafficOf} from './instance-hosts.js'
import {lockIdentity} from './lock-identity.js'
import {announcerOf, hookSettings} from './notifiers.js'
import {secretOpener} from './secret-opener.js'
import {smokeNeeds} from './smoke-needs.js'
import {type Yard} from './yard.js'

/** What moving a release takes. `isConfirmed`: the question that a protected environment asks was answered with `--yes`. */
export async function rolloutNeeds(yard: Yard, isConfirmed: boolean): Promise<RolloutNeeds> {
  const machine = new LocalMachine()
  const catalog = await yard.catalog()
  return {
    catalog,
    clock: yard.clock,
    report: yard.report,
    artifacts: await yard.artifacts(),
    commands: await yard.commands(),
    http: await yard.http(),
    hooks: await hookSettings(yard),
    announcer: announcerOf(yard),
    openInstanceHost: instanceHostOpener(yard),
    trafficOf: (environment) => trafficOf(yard, environment),
    isPortFree: (address, port) => machine.isPortFree(address, port),
    acceptsConnections: ({address, port}) => machine.acceptsConnections(address, port),
    // Its libraries are loaded only once there is something to test.
    smoke: async (request) => smoke(await smokeNeeds(yard), request),
    openSecrets: secretOpener(yard),
    identity: lockIdentity(yard),
    actor: yard.actor,
    confirmProtected: (change) => confirmProtected(yard, {...change, isConfirmed}),
    signal: yard.signal,
    failpoint: yard.failpoint,
  }
}

/** What deploying from a repository takes. */
export async function deployNeeds(yard: Yard, isConfirmed: boolean): Promise<DeployNeeds> {
  return {
    ...(await rolloutNeeds(yard, isConfirmed)),
    repository: await yard.repository(),
    documents: await yard.documents(),
    files: await yard.files(),
  }
}
