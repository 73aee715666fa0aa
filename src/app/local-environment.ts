import path from 'node:path'

import {LocalMachine} from '../adapters/machine-local/index.js'
import {findEnvironment} from '../catalog/find.js'
import {ensureLocalEnvironment} from '../catalog/seed.js'
import {type Environment, localEnvironmentName, localHostName} from '../domain/environment.js'
import {YardError} from '../errors.js'
import {type DownNeeds} from '../lifecycle/down.js'
import {supervise} from '../lifecycle/supervise/supervise.js'
import {haproxyProcess, livingAgent, supervisorProcess, upDetached, type UpReport} from '../lifecycle/up.js'
import {catalogFileVariables, catalogVariables} from './catalog-access.js'
import {showEnvironmentLogs} from './environment-logs.js'
import {isProcessAlive, lockIdentity} from './lock-identity.js'
import {openRouter} from './open-router.js'
import {credentials, isCredential, secretOpener} from './secret-opener.js'
import {type Yard} from './yard.js'

export interface LocalRequest {
  environment: string
  port: number | undefined
}

/**
 * The environment of this name, made when it is the local one.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_USAGE
 */
export async function openEnvironment(yard: Yard, name: string, port?: number): Promise<Environment> {
  const catalog = await yard.catalog()
  if (name === localEnvironmentName) return ensureLocalEnvironment(catalog, port)
  const environment = await findEnvironment(catalog, name)
  throw new YardError('E_USAGE', {
    what: `Can't run ${environment.name} on this machine`,
    why: 'it has hosts of its own, and what runs here is the environment local',
    next: ['use --env local', `yard hosts list --env ${environment.name}`],
  })
}

export async function environmentNeeds(
  yard: Yard,
  name: string,
): Promise<{environment: Environment; needs: DownNeeds}> {
  const environment = await openEnvironment(yard, name)
  const needs = {
    catalog: await yard.catalog(),
    processes: await yard.processes(),
    machine: new LocalMachine(),
    clock: yard.clock,
    report: yard.report,
    signal: yard.signal,
    isAlive: isProcessAlive,
  }
  return {environment, needs}
}

/** Starts the supervisor in the background, after a look at what would keep it from starting. */
export async function upInBackground(yard: Yard, request: LocalRequest): Promise<UpReport> {
  const {environment, needs} = await environmentNeeds(yard, request.environment)
  const isUp = (await livingAgent(needs, environment.name)) !== undefined
  if (isUp && request.port !== undefined && request.port !== environment.router.port) {
    throw otherPort(environment, request.port)
  }
  const wanted = isUp ? environment : await openEnvironment(yard, request.environment, request.port)
  if (!isUp) await checkStart(yard, wanted)
  const {port} = wanted.router
  const args = [
    'up',
    '--quiet',
    '--env',
    wanted.name,
    '--port',
    String(port),
    '--catalog',
    needs.catalog.store.url,
  ]
  return upDetached(needs, {
    environment: wanted,
    supervise: {file: process.execPath, args: [path.join(yard.paths.root, 'bin', 'run.js'), ...args]},
    directory: yard.paths.state,
    variables: supervisorVariables(process.env, yard.paths.state, await platformFileOf(yard)),
    secrets: credentials(),
  })
}

/** Supervises until Ctrl-C, and shows the logs meanwhile. */
export async function superviseHere(
  yard: Yard,
  request: LocalRequest & {showLogs: boolean},
  onReady: (report: UpReport) => void,
): Promise<UpReport> {
  const environment = await openEnvironment(yard, request.environment, request.port)
  const router = await openRouter(yard)
  const startedAt = yard.clock.now().toISOString()
  const report: UpReport = {
    environment: environment.name,
    started: true,
    url: `http://${environment.router.address}:${environment.router.port}`,
    pid: process.pid,
    since: startedAt,
    haproxyVersion: router.version,
  }
  const needs = {
    catalog: await yard.catalog(),
    processes: await yard.processes(),
    artifacts: await yard.artifacts(),
    openSecrets: secretOpener(yard),
    router,
    clock: yard.clock,
    report: yard.report,
    signal: yard.signal,
    identity: lockIdentity(yard),
  }
  const settings = {
    environment,
    host: localHostName,
    pid: process.pid,
    routerProcess: haproxyProcess,
    supervisorProcess,
  }
  let logs: Promise<void> | undefined
  await supervise(needs, settings, () => {
    onReady(report)
    if (request.showLogs) logs = showEnvironmentLogs(yard, environment.name)
  })
  await logs
  return report
}

/** What is missing is said here, in the user's own terminal, and not in the log of a supervisor that can't start. */
async function checkStart(yard: Yard, environment: Environment): Promise<void> {
  await openRouter(yard)
  const processes = await yard.processes()
  const hasRouter = (await processes.list()).some(
    ({id, state}) => id === haproxyProcess && state !== 'stopped',
  )
  const {address, port} = environment.router
  if (hasRouter || (await new LocalMachine().isPortFree(address, port))) return
  throw new YardError('E_PORT_TAKEN', {
    what: `Can't start the local environment on port ${port}`,
    why: `something else listens on ${address}:${port}`,
    next: [`yard up --detach --port ${port + 1}`, `ss -ltnp 'sport = :${port}'`],
  })
}

function otherPort(environment: Environment, port: number): YardError {
  return new YardError('E_CONFLICT', {
    what: `Can't move ${environment.name} to port ${port}`,
    why: `it is up on port ${environment.router.port}`,
    next: ['yard down', `yard up --detach --port ${port}`],
  })
}

/** Only a catalog of several machines needs more than its URL. */
async function platformFileOf(yard: Yard): Promise<string | undefined> {
  const {kind} = await yard.catalogLocation()
  return kind === 'sqlite' ? undefined : (await yard.platform())?.file
}

/**
 * What the supervisor itself reads from its environment; it gives less to the instances. It runs in another directory, so
 * every file becomes absolute, and the platform file that was found here is named.
 */
export function supervisorVariables(
  variables: Readonly<Record<string, string | undefined>>,
  state: string,
  platformFile: string | undefined,
): Record<string, string> {
  const passedOn = [
    'YARD_HAPROXY',
    'XDG_CACHE_HOME',
    'XDG_CONFIG_HOME',
    'XDG_STATE_HOME',
    ...catalogVariables,
  ]
  const kept = passedOn.flatMap((name) => {
    const value = variables[name]
    if (value === undefined || isCredential(name)) return []
    return [[name, catalogFileVariables.has(name) && value !== '' ? path.resolve(value) : value] as const]
  })
  return {
    ...Object.fromEntries(kept),
    ...(platformFile !== undefined && {YARD_PLATFORM: platformFile}),
    YARD_STATE_DIR: state,
    NO_COLOR: '1',
  }
}
