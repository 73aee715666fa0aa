import {number, text, type Value} from '../domain/smoke/evaluation/value.js'
import {typedValue} from '../domain/smoke/given-variables.js'
import {type SmokeFileReport, type SmokeReport} from '../domain/smoke/report.js'
import {Redactor} from '../domain/smoke/secrets.js'
import {YardError} from '../errors.js'
import {loadSmokeFiles, type LoadedSmokeFile} from './smoke/load-files.js'
import {type SmokeNeeds} from './smoke/needs.js'
import {runSmokeFile, type FileRun} from './smoke/run-file.js'
import {type SmokeRun, toolsFor} from './smoke/run.js'

export {type SmokeNeeds} from './smoke/needs.js'

export interface SmokeRequest {
  service: string
  environment: string
  /** Where the service is reached: `routedBaseUrl(service, environment)`, or one instance. */
  baseUrl: string
  release?: number
  /** The directory that the globs and the names in the report start from. */
  root: string
  globs: readonly string[]
  /** Win over the variables of the environment. */
  variables?: Readonly<Record<string, string>>
  /** Variables whose values never appear in any output. */
  secrets?: Readonly<Record<string, string>>
  /** Hosts besides that of `baseUrl` and this machine that may be asked, as `host` or `host:port`. */
  allowedHosts?: readonly string[]
  /** Without any file: an error, or a report that says `skipped`. */
  whenNone?: 'refuse' | 'skip'
  requestTimeoutMillis?: number
  runTimeoutMillis?: number
}

/** Each file that has run is told as output of this step, whose start and end the caller reports. */
export const smokeStep = 'smoke'

const filesAtOnce = 4
const defaultRequestTimeoutMillis = 10_000
const defaultRunTimeoutMillis = 120_000

/**
 * Runs the smoke tests of a service against one environment. Every file is read and checked before anything is sent;
 * a failed check is part of the report, not an error.
 * @throws YardError E_SMOKE_FILE, E_SMOKE_MISSING, E_USAGE, and E_INTERRUPTED when the signal aborts.
 */
export async function smoke(needs: SmokeNeeds, request: SmokeRequest): Promise<SmokeReport> {
  const startedAt = needs.clock.now()
  const started = needs.clock.monotonicMillis()
  const variables = variablesFor(request)
  const files = await loadSmokeFiles(needs, request, variables.keys())
  const run = newRun(needs, request, variables, started)
  const runs = await runAll(files, run, needs)
  needs.signal.throwIfAborted()
  const reports = runs.map(({report}) => report)
  return run.redactor.redactAll<SmokeReport>({
    service: request.service,
    environment: request.environment,
    baseUrl: run.baseUrl.href.replace(/\/$/, ''),
    ...(request.release === undefined ? {} : {release: request.release}),
    outcome: outcomeOf(runs),
    startedAt: startedAt.toISOString(),
    millis: Math.round(needs.clock.monotonicMillis() - started),
    requests: reports.reduce((sum, file) => sum + file.requests, 0),
    failures: reports.reduce((sum, file) => sum + failureCount(file), 0),
    files: reports,
  })
}

function variablesFor(request: SmokeRequest): Map<string, Value> {
  const {release, variables = {}, secrets = {}} = request
  return new Map<string, Value>([
    ['base_url', text(request.baseUrl)],
    ['service', text(request.service)],
    ['environment', text(request.environment)],
    ...(release === undefined ? [] : [['release', number(release)] as const]),
    ...Object.entries(variables).map(([name, value]) => [name, typedValue(value)] as const),
    ...Object.entries(secrets).map(([name, value]) => [name, text(value)] as const),
  ])
}

function newRun(
  needs: SmokeNeeds,
  request: SmokeRequest,
  variables: Map<string, Value>,
  started: number,
): SmokeRun {
  const baseUrl = baseUrlFrom(variables)
  return {
    baseUrl,
    variables,
    policy: {baseOrigin: baseUrl.origin, allowedHosts: request.allowedHosts ?? []},
    redactor: new Redactor(Object.values(request.secrets ?? {})),
    tools: toolsFor(needs),
    requestTimeoutMillis: request.requestTimeoutMillis ?? defaultRequestTimeoutMillis,
    runTimeoutMillis: request.runTimeoutMillis ?? defaultRunTimeoutMillis,
    endsAt: started + (request.runTimeoutMillis ?? defaultRunTimeoutMillis),
  }
}

function baseUrlFrom(variables: ReadonlyMap<string, Value>): URL {
  const value = variables.get('base_url')
  const spelled = value?.kind === 'string' ? value.value : ''
  if (/^https?:\/\//i.test(spelled) && URL.canParse(spelled)) return new URL(spelled)
  throw new YardError('E_USAGE', {
    what: `Can't run smoke tests against ${JSON.stringify(spelled)}`,
    why: 'base_url has to start with http:// or https://',
    next: ['yard smoke --variable base_url=http://127.0.0.1:3000'],
  })
}

/** A few files at once; the order of the reports is that of the files. */
async function runAll(files: LoadedSmokeFile[], run: SmokeRun, needs: SmokeNeeds): Promise<FileRun[]> {
  const results: FileRun[] = []
  const waiting = files.entries()
  const work = async () => {
    for (const [index, file] of waiting) results[index] = await reportedRun(file, run, needs)
  }
  await Promise.all(Array.from({length: Math.min(filesAtOnce, files.length)}, work))
  return results
}

async function reportedRun(file: LoadedSmokeFile, run: SmokeRun, needs: SmokeNeeds): Promise<FileRun> {
  const result = await runSmokeFile(needs, run, file)
  const {outcome, millis} = result.report
  needs.report({kind: 'step-output', step: smokeStep, line: `${file.name} ${outcome} after ${millis} ms`})
  return result
}

function outcomeOf(runs: FileRun[]): SmokeReport['outcome'] {
  if (runs.length === 0) return 'skipped'
  if (runs.every(({report}) => report.outcome === 'passed')) return 'passed'
  const isUnreachable =
    runs.some(({couldNotConnect}) => couldNotConnect) && !runs.some(({wasAnswered}) => wasAnswered)
  return isUnreachable ? 'unreachable' : 'failed'
}

function failureCount(file: SmokeFileReport): number {
  return file.steps.reduce((sum, step) => sum + step.failures.length, 0)
}
