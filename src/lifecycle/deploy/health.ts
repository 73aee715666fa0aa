import {type HttpOutcome} from '../../contracts/http-client.js'
import {type Instance} from '../../domain/instance.js'
import {type Release, releaseId} from '../../domain/release.js'
import {type DeployRun, type StepResult, stepFailed} from './run.js'
import {pollMillis, statusOf} from './wait.js'

const probeMillis = 100
const probeTimeoutMillis = 2_000
const shownLines = 20

/** Waits until every new instance is ready and has stayed so. */
export async function health(run: DeployRun, release: Release): Promise<StepResult> {
  await Promise.all(run.instances.map((instance) => becomeStable(run, release, instance)))
  const {path, stableMillis} = release.health
  const web = run.instances.some(({port}) => port !== undefined)
  return {detail: `${web ? `GET ${path} is ready` : 'running'}, stable for ${stableMillis / 1_000} s`}
}

/**
 * Throws when a new instance was restarted or isn't ready any more; asked before the old ones are let go.
 */
export async function checkStillReady(run: DeployRun, release: Release): Promise<void> {
  for (const instance of run.instances) {
    await throwIfEnded(run, instance)
    if (instance.port === undefined) continue
    const first = await probe(run, release, instance)
    // One slow answer under load is no reason to go back.
    const answer = first.isReady ? first : await probe(run, release, instance)
    if (!answer.isReady) {
      throw await failure(run, instance, `${instance.id} isn't ready any more: ${answer.why}`)
    }
  }
}

async function becomeStable(run: DeployRun, release: Release, instance: Instance): Promise<void> {
  const {clock} = run.needs
  const {timeoutMillis, stableMillis} = release.health
  const deadline = clock.monotonicMillis() + timeoutMillis
  let readySince: number | undefined
  let why = 'it never ran'
  for (;;) {
    run.signal.throwIfAborted()
    const isRunning = await throwIfEnded(run, instance)
    const answer = isRunning ? await look(run, release, instance) : {isReady: false, why}
    const now = clock.monotonicMillis()
    if (answer.isReady) readySince ??= now
    else {
      readySince = undefined
      why = answer.why
    }
    if (readySince !== undefined && now - readySince >= stableMillis) return
    if (readySince === undefined && now >= deadline) {
      throw await failure(
        run,
        instance,
        `${instance.id} wasn't ready within ${timeoutMillis / 1_000} s: ${why}`,
      )
    }
    await clock.sleep(instance.port === undefined ? pollMillis : probeMillis, run.signal)
  }
}

interface Answer {
  isReady: boolean
  why: string
}

/** A process without a port is as ready as it gets while it runs. */
async function look(run: DeployRun, release: Release, instance: Instance): Promise<Answer> {
  return instance.port === undefined ? {isReady: true, why: ''} : probe(run, release, instance)
}

/** The answer must be the new release's own: an old process that kept the port must not pass for it. */
async function probe(run: DeployRun, release: Release, instance: Instance): Promise<Answer> {
  const {address, id, port = 0} = instance
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
  if (refusal !== undefined) return {isReady: false, why: refusal}
  const told = outcome.kind === 'response' ? headerOf(outcome.response.headers, 'yard-release') : undefined
  const wanted = releaseId(release.service, release.number)
  if (told !== undefined && told !== wanted) {
    const shown = told.slice(0, 80).replace(/[^\u0020-\u007e]/g, '?')
    throw await failure(run, instance, `port ${port} answers as ${shown}, not as ${wanted}`)
  }
  if ((await run.needs.processes.ownsPort(id, port)) === false) {
    throw await failure(run, instance, `another process listens on port ${port}, not ${id}`)
  }
  return {isReady: true, why: ''}
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
async function throwIfEnded(run: DeployRun, instance: Instance): Promise<boolean> {
  const status = await statusOf(run, instance.id)
  if (status === undefined) return false
  if (status.problem !== undefined)
    throw await failure(run, instance, `${instance.id} can't be started: ${status.problem}`)
  if (status.restarts > 0 || status.running === 'backing-off') {
    throw await failure(
      run,
      instance,
      `${instance.id} ended by itself with ${status.lastExit ?? 'an unknown exit'}`,
    )
  }
  return status.running === 'running'
}

async function failure(run: DeployRun, {id}: Instance, why: string): Promise<Error> {
  const lines = await run.needs.processes.lastLines(id, shownLines).catch(() => [])
  return stepFailed(why, lines)
}

function headerOf(headers: readonly [string, string][], name: string): string | undefined {
  return headers.find(([header]) => header.toLowerCase() === name)?.[1]
}
