import {type Catalog} from '../../catalog/catalog.js'
import {findEnvironment, findHost, findService} from '../../catalog/find.js'
import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type RunResult} from '../../contracts/command-runner.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {passedOnExitCode} from '../../domain/exit-status.js'
import {type Instance, instanceId} from '../../domain/instance.js'
import {type Release} from '../../domain/release.js'
import {shellLine} from '../../domain/shell-line.js'
import {YardError} from '../../errors.js'
import {oneOffSpec} from '../deploy/steps/instance-spec.js'
import {openReleaseSource} from '../deploy/steps/open-release-source.js'
import {type ReleaseSource, type SourceNeeds} from '../deploy/steps/release-source.js'
import {secretsDirectory} from '../deploy/steps/secrets-directory.js'
import {liveRelease} from '../live-release.js'
import {type SecretOpener} from '../secrets/open-secrets.js'

export interface RunOnceNeeds extends SourceNeeds {
  clock: Clock
  openSecrets: SecretOpener
  /** Aborts on Ctrl-C: the process is ended on its host then. */
  signal: AbortSignal
  /** Returns once a person agreed to a change of a protected environment. @throws YardError E_NOT_CONFIRMED */
  confirmProtected: (change: {environment: string; purpose: string}) => Promise<void>
}

export interface RunOnceRequest {
  service: string
  environment: string
  /** The program and its arguments. */
  words: readonly string[]
  /** One that has the release; the first one without it. */
  host: string | undefined
  timeoutMillis: number
  onLine: (line: string) => void
}

export interface RunOnceReport {
  service: string
  environment: string
  release: number
  host: string
  /** As a shell passes it on: 128 and the number of the signal for a process that was ended by one. */
  exitCode: number
  signal?: string
  millis: number
}

/** The name of the process in logs, with a number that hardly any other one-off process of the release has. */
const processName = 'run'
const numbers = {first: 1_000, count: 9_000}

/**
 * Runs a program once with the code, the variables and the secrets of the release that has the traffic, and passes on
 * how it ended.
 * @throws YardError E_USAGE, E_SERVICE_UNKNOWN, E_ENVIRONMENT_UNKNOWN, E_HOST_UNKNOWN, E_RELEASE_UNKNOWN when nothing is live,
 * E_NOT_CONFIRMED, E_INTERRUPTED, E_STEP_FAILED when it isn't known how it ended
 */
export async function runOnce(needs: RunOnceNeeds, request: RunOnceRequest): Promise<RunOnceReport> {
  const {catalog, clock} = needs
  if (request.words.length === 0) throw noProgram(request)
  // The shell makes room for the program, so that signals reach it, and so does how it ended.
  const line = `exec ${shellLine(request.words)}`
  const service = (await findService(catalog, request.service)).record.name
  const environment = await findEnvironment(catalog, request.environment)
  const purpose = `run a process of ${service} in ${environment.name}`
  const release = await liveRelease(catalog, {service, environment: environment.name}, purpose)
  const host = await chooseHost(catalog, {release, environment, name: request.host})
  await needs.confirmProtected({environment: environment.name, purpose})
  const started = clock.monotonicMillis()
  const result = await runThere(needs, {release, environment, host, line, request})
  if (needs.signal.aborted) throw stoppedThere(needs.signal, request, host)
  const exitCode = passedOnExitCode(result)
  if (exitCode === undefined || result.outcome === 'timed-out') throw notEnded(request, host, result)
  if (exitCode !== 0) needs.report({kind: 'note', text: endOf(result, host)})
  return {
    service,
    environment: environment.name,
    release: release.number,
    host: host.name,
    exitCode,
    ...(result.signal !== undefined && {signal: result.signal}),
    millis: Math.round(clock.monotonicMillis() - started),
  }
}

interface Errand {
  release: Release
  environment: Environment
  host: Host
  line: string
  request: RunOnceRequest
}

async function runThere(needs: RunOnceNeeds, errand: Errand): Promise<RunResult> {
  const {environment, host, line, release, request} = errand
  const {number, service} = release
  const index = numbers.first + Math.floor(Math.random() * numbers.count)
  const opened = await needs.openInstanceHost(environment, host)
  const {openSecrets, source} = openedHere(needs, release)
  try {
    const wanted = {release, environment, host: host.name, process: processName, line}
    return await opened.runOnce({
      instance: {
        ...oneOffSpec({...needs, openSecrets}, wanted),
        id: instanceId({service, release: number, process: processName, host: host.name, index}),
      },
      deadlineMillis: request.timeoutMillis,
      signal: needs.signal,
      onLine: request.onLine,
    })
  } finally {
    await (await source())?.close()
    await opened.close()
  }
}

/** Opens secrets with the files of the release that they lie in, wherever it was built. */
function openedHere(
  needs: RunOnceNeeds,
  release: Release,
): {openSecrets: SecretOpener; source: () => Promise<ReleaseSource | undefined>} {
  let source: Promise<ReleaseSource> | undefined
  const openSource = () => (source ??= openReleaseSource(needs, release))
  return {
    openSecrets: async (request) => {
      const directory = await secretsDirectory(request.secrets, openSource)
      return needs.openSecrets({...request, ...(directory !== undefined && {directory})})
    },
    source: async () => source?.catch(() => undefined),
  }
}

function endOf({exitCode, signal}: RunResult, host: Host): string {
  const how = signal === undefined ? `exit ${exitCode ?? 1}` : signal
  return `it ended with ${how} on ${host.name}`
}

/** The first host where the release runs, by name; else, for a process of a release that runs nowhere, any. */
async function chooseHost(
  catalog: Catalog,
  {environment, name, release}: {release: Release; environment: Environment; name: string | undefined},
): Promise<Host> {
  if (name !== undefined) return (await findHost(catalog, environment.name, name)).record
  const hosts = (await catalog.hosts.list(keys.hosts(environment.name))).records.map(({record}) => record)
  const instances = await catalog.instances.list(keys.instances(environment.name, release.service))
  const serving = instances.records.map(({record}) => record).filter(isOf(release))
  const host = hosts.find((each) => serving.some((one) => one.host === each.name)) ?? hosts[0]
  if (host !== undefined) return host
  throw new YardError('E_HOST_UNKNOWN', {
    what: `Can't run a process of ${release.service} in ${environment.name}`,
    why: 'the environment has no host yet',
    next: [`yard hosts list --env ${environment.name}`],
  })
}

function isOf({number}: Release): (instance: Instance) => boolean {
  return ({release, state}) => release === number && state !== 'down'
}

function noProgram({environment, service}: RunOnceRequest): YardError {
  return new YardError('E_USAGE', {
    what: `Can't tell what to run for ${service}`,
    why: 'no program is given',
    next: [`yard run ${service} --env ${environment} -- node --version`],
  })
}

/** Nothing is left half done by it. */
function stoppedThere({reason}: AbortSignal, {environment, service}: RunOnceRequest, host: Host): unknown {
  if (!(reason instanceof YardError)) return reason
  return new YardError(reason.code, {
    what: `The process of ${service} was ended on ${host.name}`,
    why: reason.why,
    next: [`yard run ${service} --env ${environment} -- PROGRAM   # runs one again`],
  })
}

function notEnded(
  {environment, service, timeoutMillis}: RunOnceRequest,
  host: Host,
  {outcome}: RunResult,
): YardError {
  const isOver = outcome === 'timed-out'
  return new YardError('E_STEP_FAILED', {
    what: `The process of ${service} on ${host.name} did not end well`,
    why: isOver
      ? `it wasn't done after ${timeoutMillis / 1_000} s, and was ended`
      : outcome === 'not-found'
        ? 'it could not be started'
        : "the connection broke, so nobody knows how it ended; it's ended there, too",
    next: isOver
      ? ['give it more time: --timeout 2h']
      : [
          `yard ps ${service} --env ${environment}`,
          `yard logs tail ${service} --env ${environment} --no-follow`,
        ],
  })
}
