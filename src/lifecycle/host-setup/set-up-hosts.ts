import {findEnvironment, findHost} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {acquireLock} from '../../catalog/locks.js'
import {reportBad} from '../../catalog/report-bad.js'
import {plainKeys} from '../../domain/authorized-keys.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {deployAccount} from '../../domain/host-setup.js'
import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'
import {atMost} from '../push/at-most.js'
import {hostsAtOnce} from '../push/needs.js'
import {type HostSetupNeeds, type HostSetupReport, type HostSetupRequest, type SetUpHost} from './needs.js'
import {setUpHost} from './set-up-host.js'

/**
 * Makes hosts ready for releases; one that is ready stays as it is. Of several, one that can't be made ready keeps
 * nobody else from it.
 * @throws YardError for a single host whatever keeps it from being ready; E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN,
 * E_USAGE, E_LOCKED, E_NOT_CONFIRMED, and the signal's reason when it aborts
 */
export async function setUpHosts(needs: HostSetupNeeds, request: HostSetupRequest): Promise<HostSetupReport> {
  const {catalog} = needs
  refuseBadKeys(request)
  const environment = await findEnvironment(catalog, request.environment)
  refuseLocal(environment)
  const hosts = await wantedHosts(needs, request, environment)
  if (request.mode === 'apply') {
    const names = hosts.map(({name}) => name).join(', ')
    await needs.confirmProtected({environment: environment.name, purpose: `set up ${names}`})
  }
  const hostScript = await needs.hostScript()
  const results = await atMost(hostsAtOnce, hosts, async (host) => {
    const login = request.login ?? usualLogin(needs.configuredUser(host))
    try {
      return await one(needs, {host, request, login, hostScript})
    } catch (error) {
      if (!request.isForAll || needs.signal.aborted || !(error instanceof YardError)) throw error
      return failedHost(host, login, error)
    }
  })
  const isMissed = ({outcome}: SetUpHost) =>
    outcome === 'failed' || (outcome === 'differs' && request.mode === 'check')
  return {
    environment: environment.name,
    mode: request.mode,
    hosts: results.sort((left, right) => (left.host < right.host ? -1 : 1)),
    ...(results.some(isMissed) && {code: 'E_HOST_SETUP' as const}),
  }
}

async function one(needs: HostSetupNeeds, setup: Parameters<typeof setUpHost>[1]): Promise<SetUpHost> {
  const {catalog, clock, identity, report} = needs
  const {host, login, request} = setup
  const isApplied = request.mode === 'apply'
  const started = clock.monotonicMillis()
  const finished = (outcome: 'done' | 'failed', detail: string) => {
    const millis = clock.monotonicMillis() - started
    report({kind: 'step-finished', step: host.name, outcome, millis, detail})
  }
  report({kind: 'step-started', step: host.name, title: `${isApplied ? 'Set up' : 'Look at'} ${host.name}`})
  const name = `setup/${host.environment}/${host.name}`
  const lock = isApplied
    ? await acquireLock(catalog, clock, identity, {name, purpose: `set up ${host.name}`})
    : undefined
  try {
    const result = await setUpHost(needs, setup)
    finished('done', result.outcome)
    return result
  } catch (error) {
    finished('failed', error instanceof YardError ? error.why : String(error))
    throw withLoginHint(error, host, login)
  } finally {
    await lock?.release()
  }
}

async function wantedHosts(
  {catalog, report}: HostSetupNeeds,
  {host, isForAll}: HostSetupRequest,
  {name: environment}: Environment,
): Promise<Host[]> {
  if ((host === undefined) !== isForAll) throw whichHost(environment, isForAll)
  if (host !== undefined) return [(await findHost(catalog, environment, host)).record]
  const {bad, records} = await catalog.hosts.list(keys.hosts(environment))
  reportBad(report, bad)
  if (records.length > 0) return records.map(({record}) => record)
  throw new YardError('E_USAGE', {
    what: `Can't set up the hosts of ${environment}`,
    why: 'it has none yet',
    next: [`yard hosts add web-1 --env ${environment} --address 10.0.0.11`],
  })
}

function whichHost(environment: string, isForAll: boolean): YardError {
  return new YardError('E_USAGE', {
    what: "Can't tell which host to set up",
    why: isForAll ? 'a host is named and --all was given, too' : 'none is named',
    next: [`yard host setup web-1 --env ${environment}`, `yard host setup --all --env ${environment}`],
  })
}

/** Who brings releases can't set up: they may not become root. */
function usualLogin(configuredUser: string | undefined): string {
  return configuredUser === undefined || configuredUser === deployAccount.name ? 'root' : configuredUser
}

function failedHost(host: Host, login: string, {code, next, what, why}: YardError): SetUpHost {
  return {
    host: host.name,
    address: host.address,
    login,
    outcome: 'failed',
    changes: [],
    remarks: [],
    problem: {code, what, why, next},
  }
}

function withLoginHint(error: unknown, {environment, name}: Host, login: string): unknown {
  const isRefused =
    error instanceof YardError && error.code === 'E_HOST_AUTH' && error.details?.['user'] === login
  if (!isRefused) return error
  const {details, next, what, why} = error
  const hint = `yard host setup ${name} --env ${environment} --login NAME   # root, or somebody with sudo there`
  return new YardError('E_HOST_AUTH', {what, why, next: [hint, ...next], ...(details && {details})})
}

/** @throws YardError E_USAGE */
function refuseBadKeys({authorizedKeys}: HostSetupRequest): void {
  const bad = authorizedKeys.find((line) => plainKeys([line]).leftOut > 0)
  if (bad === undefined) return
  const isPrivate = bad.includes('PRIVATE KEY')
  throw new YardError('E_USAGE', {
    what: "Can't authorize this key",
    why: isPrivate
      ? 'it is a private key, which never leaves its machine'
      : `${printable(bad)} is not a public key without options`,
    next: ['--authorized-key ~/.ssh/id_ed25519.pub'],
  })
}

/** @throws YardError E_USAGE */
function refuseLocal({kind, name}: Environment): void {
  if (kind !== 'local') return
  throw new YardError('E_USAGE', {
    what: `Can't set up the host of ${name}`,
    why: 'it is this machine, where yard runs everything as you',
    next: ['yard up --detach', 'yard host setup web-1 --env staging   # a machine that is reached over SSH'],
  })
}
