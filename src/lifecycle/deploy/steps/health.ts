import {type HttpOutcome} from '../../../contracts/http-client.js'
import {type Host} from '../../../domain/environment.js'
import {type Instance} from '../../../domain/instance.js'
import {type Release, releaseId} from '../../../domain/release.js'
import {type Endpoint} from '../../../domain/routing.js'
import {leaveOut} from '../undo/failed-hosts.js'
import {type HostProgress} from '../journal/host-progress.js'
import {statusOf} from '../instances.js'
import {type DeployRun, type StepResult} from '../run.js'
import {stepFailed} from '../step-failure.js'
import {pollMillis} from '../wait.js'

const probeMillis = 100
const probeTimeoutMillis = 2_000
const shownLines = 50
/** What a host tells of who listens may be a second old, from before the instance did. */
const strangerMillis = 2_500
/** Ready once may be luck. */
const leastPasses = 3

/** Waits until every new instance on these hosts is ready and has stayed so. */
export async function health(
  run: DeployRun,
  release: Release,
  hosts: readonly Host[],
  progress: HostProgress,
): Promise<StepResult> {
  const failures = await progress.each(run.working(hosts), async ({name}) => {
    const here = run.instances.filter(({host}) => host === name)
    await allStable(run, release, here)
    return undefined
  })
  await leaveOut(run, failures)
  const names = new Set(run.working(hosts).map(({name}) => name))
  const here = run.instances.filter(({host}) => names.has(host))
  if (here.length === 0) return {skipped: true, detail: 'nothing new runs there'}
  const web = here.some(({port}) => port !== undefined)
  const stable = `stable for ${release.health.stableMillis / 1_000} s`
  return {detail: `${web ? readiness(release) : 'running'}, ${stable}`}
}

/**
 * Throws when a new instance was restarted or isn't ready any more; asked before the old ones are let go.
 */
export async function checkStillReady(run: DeployRun, release: Release): Promise<void> {
  await Promise.all(
    run.instances.map(async (instance) => {
      await throwIfEnded(run, instance)
      if (!isAsked(release, instance)) return
      const first = await probe(run, release, instance)
      // One slow answer under load is no reason to go back.
      const answer = first.isReady ? first : await probe(run, release, instance)
      if (!answer.isReady) {
        throw await failure(run, instance, `${instance.id} isn't ready any more: ${answer.why}`)
      }
    }),
  )
}

/** One that isn't ready is reason enough: nobody asks for the others any more when this rejects. */
async function allStable(run: DeployRun, release: Release, instances: readonly Instance[]): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([run.signal, over.signal])
  const waits = instances.map(async (instance) => {
    try {
      await becomeStable(run, release, instance, signal)
    } catch (error) {
      over.abort(error)
      throw error
    }
  })
  await Promise.allSettled(waits)
  await Promise.all(waits)
}

async function becomeStable(
  run: DeployRun,
  release: Release,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  const {clock} = run.needs
  const {timeoutMillis, stableMillis} = release.health
  const deadline = clock.monotonicMillis() + timeoutMillis
  let readySince: number | undefined
  let strangerSince: number | undefined
  let passes = 0
  let why = 'it never ran'
  for (;;) {
    signal.throwIfAborted()
    const isRunning = await throwIfEnded(run, instance)
    const answer: Answer = isRunning ? await look(run, release, instance) : {isReady: false, why}
    const now = clock.monotonicMillis()
    if (answer.isReady) {
      readySince ??= now
      passes++
    } else {
      readySince = undefined
      passes = 0
      why = answer.why
    }
    strangerSince = answer.isStranger === true ? (strangerSince ?? now) : undefined
    if (strangerSince !== undefined && now - strangerSince >= strangerMillis)
      throw await failure(run, instance, answer.why)
    if (readySince !== undefined && now - readySince >= stableMillis && passes >= leastPasses) return
    if (readySince === undefined && now >= deadline) {
      throw await failure(
        run,
        instance,
        `${instance.id} wasn't ready within ${timeoutMillis / 1_000} s: ${why}`,
      )
    }
    await clock.sleep(isAsked(release, instance) ? probeMillis : pollMillis, signal)
  }
}

interface Answer {
  isReady: boolean
  why: string
  /** Somebody else answered. */
  isStranger?: boolean
}

/** A process without a port, or with nothing to ask for there, is as ready as it gets while it runs. */
async function look(run: DeployRun, release: Release, instance: Instance): Promise<Answer> {
  return isAsked(release, instance) ? probe(run, release, instance) : {isReady: true, why: ''}
}

function isAsked({health: {kind}}: Release, {port}: Instance): boolean {
  return port !== undefined && kind !== 'none'
}

async function probe(run: DeployRun, release: Release, instance: Instance): Promise<Answer> {
  const {address, host, id, port = 0} = instance
  const machine = await run.machine(host)
  const endpoint = await machine.reach({address, port})
  const refusal =
    release.health.kind === 'tcp'
      ? await connection(run, endpoint)
      : await answerOf(run, release, instance, endpoint)
  if (refusal !== undefined) return {isReady: false, why: refusal}
  if ((await machine.ownsPort(id, port)) === false) {
    return {isReady: false, isStranger: true, why: `another process listens on port ${port}, not ${id}`}
  }
  return {isReady: true, why: ''}
}

async function connection(run: DeployRun, endpoint: Endpoint): Promise<string | undefined> {
  const isOpen = await run.needs.acceptsConnections(endpoint)
  return isOpen ? undefined : 'nothing accepts connections on its port (it must listen on $PORT)'
}

/** The answer must be the new release's own: an old process that kept the port must not pass for it. */
async function answerOf(
  run: DeployRun,
  release: Release,
  instance: Instance,
  {address, port}: Endpoint,
): Promise<string | undefined> {
  const outcome = await run.needs.http.send({
    method: 'GET',
    url: `http://${address}:${port}${release.health.path}`,
    headers: [['user-agent', 'yard-deploy']],
    timeoutMillis: probeTimeoutMillis,
    maxBodyBytes: 64 * 1024,
    signal: run.signal,
  })
  run.signal.throwIfAborted()
  const refusal = refusalOf(outcome, release.health.path)
  if (refusal !== undefined) return refusal
  const told = outcome.kind === 'response' ? headerOf(outcome.response.headers, 'yard-release') : undefined
  const wanted = releaseId(release.service, release.number)
  if (told === undefined || told === wanted) return undefined
  const shown = told.slice(0, 80).replace(/[^\u0020-\u007e]/g, '?')
  throw await failure(run, instance, `port ${instance.port} answers as ${shown}, not as ${wanted}`)
}

function refusalOf(outcome: HttpOutcome, path: string): string | undefined {
  if (outcome.kind === 'failed') {
    const causes: Record<string, string> = {
      refused: `nothing listens on its port (it must listen on $PORT)`,
      'timed-out': `GET ${path} gave no answer in time`,
    }
    return causes[outcome.cause] ?? `GET ${path} got no answer: ${outcome.cause}`
  }
  const {status} = outcome.response
  return status >= 200 && status < 300 ? undefined : `GET ${path} answers ${status}`
}

/** Returns whether it runs by now. A new instance that ended by itself is never given a second try. */
export async function throwIfEnded(run: DeployRun, instance: Instance): Promise<boolean> {
  const status = await statusOf(run, instance)
  if (status === undefined) return false
  if (status.problem !== undefined)
    throw await failure(run, instance, `${instance.id} can't be started: ${status.problem}`)
  if (status.restarts > 0 || status.running === 'backing-off') {
    const how = `${instance.id} ended by itself with ${status.lastExit ?? 'an unknown exit'}`
    const isTaken = await isPortTaken(run, instance, status.running === 'running')
    const taken = isTaken ? `; another process listens on its port ${instance.port}` : ''
    throw await failure(run, instance, `${how}${taken}`)
  }
  return status.running === 'running'
}

/** Whether somebody else answers on the port of an instance that ended: the likely reason. It may run again by now. */
async function isPortTaken(
  run: DeployRun,
  {address, host, id, port}: Instance,
  runsAgain: boolean,
): Promise<boolean> {
  if (port === undefined) return false
  try {
    const machine = await run.machine(host)
    if (runsAgain && (await machine.ownsPort(id, port)) !== false) return false
    return await run.needs.acceptsConnections(await machine.reach({address, port}))
  } catch {
    return false
  }
}

/** What is wrong with an instance, with what it wrote last. */
export async function failure(run: DeployRun, {host, id}: Instance, why: string): Promise<Error> {
  const lines = await run
    .machine(host)
    .then((machine) => machine.lastLines(id, shownLines))
    .catch(() => [])
  return stepFailed(why, lines)
}

function readiness({health: {kind, path}}: Release): string {
  if (kind === 'none') return 'running'
  return kind === 'tcp' ? 'accepts connections' : `GET ${path} is ready`
}

function headerOf(headers: readonly [string, string][], name: string): string | undefined {
  return headers.find(([header]) => header.toLowerCase() === name)?.[1]
}
