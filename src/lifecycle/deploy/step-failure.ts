import {type DeployStepName} from '../../domain/deploy.js'
import {YardError} from '../../errors.js'

/** Which step failed, and why. Never leaves the lifecycle. */
export class StepFailure extends Error {
  constructor(
    readonly step: DeployStepName,
    override readonly cause: unknown,
  ) {
    super(`${step} failed`)
  }
}

/** Why something failed, harmless on a terminal: it may quote output and files of others. */
export function reasonOf(error: unknown): string {
  return withoutControls(error instanceof YardError ? error.why : messageOf(error))
}

/** Keeps line breaks; everything else that could move a cursor or change a colour becomes a space. */
export function withoutControls(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
}

/** A failure of the service or its surroundings inside a step, with the output that explains it. */
export function stepFailed(why: string, lastLines: readonly string[] = []): YardError {
  return new YardError('E_STEP_FAILED', {
    what: 'A step failed',
    why,
    next: ['yard status'],
    ...(lastLines.length > 0 && {details: {lastLines}}),
  })
}

/** Why something failed on a host. Of one that is away it must be said what it was wanted for. */
export function reasonOnHost(error: unknown): string {
  const isAway = error instanceof YardError && error.code === 'E_HOST_UNREACHABLE'
  return isAway ? withoutControls(`${error.what}: ${error.why}`) : reasonOf(error)
}

/** The same failure, with the host on which it happened. */
export function onHost(host: string, error: unknown): Error {
  if (isBug(error)) return error
  const reason = reasonOnHost(error)
  const why = reason.includes(host) ? reason : `${host}: ${reason}`
  if (!(error instanceof YardError)) {
    return new YardError('E_STEP_FAILED', {what: 'A step failed', why, next: ['yard status'], cause: error})
  }
  const {code, details, next, what} = error
  return new YardError(code, {what, why, next: [...next], cause: error, details: {...details, host}})
}

/** Of so many hosts each has its reason told, and its lines to paste. */
const toldHosts = 4

/** What went wrong on several hosts, as one failure that names all of them. The first one says of which kind it is. */
export function together(failures: readonly Error[]): Error {
  const [first] = failures
  if (first === undefined) throw new Error('nothing failed')
  const known = failures.filter((error) => error instanceof YardError)
  if (failures.length === 1 || known.length < failures.length || !(first instanceof YardError)) return first
  const more = known.length - toldHosts
  const told = known.slice(0, toldHosts)
  const reasons = [...new Set(told.map(reasonOf)), ...(more > 0 ? [`and ${more} more hosts`] : [])]
  const next = [...new Set(told.filter(({code}) => code === first.code).flatMap((error) => error.next))]
  const hosts = known.flatMap(({details}) => hostsIn(details))
  return new YardError(first.code, {
    what: first.what,
    why: reasons.join('; '),
    next: [next[0] ?? 'yard status', ...next.slice(1)],
    cause: first,
    details: {...first.details, hosts},
  })
}

/** Hosts that a failure names. */
export function hostsOf(error: unknown): string[] {
  return error instanceof YardError ? hostsIn(error.details) : []
}

function hostsIn({host, hosts}: NonNullable<YardError['details']> = {}): string[] {
  const named: unknown[] = Array.isArray(hosts) ? hosts : [host]
  return named.filter((one) => typeof one === 'string')
}

/** Output of builds and services, made harmless for a terminal. What is hidden is hidden before a line is cut. */
export function linesOf(cause: unknown, hide: (text: string) => string): string[] {
  const lines = cause instanceof YardError ? cause.details?.['lastLines'] : undefined
  return Array.isArray(lines) ? lines.map((line) => withoutControls(hide(String(line))).slice(0, 500)) : []
}

/** Nothing can be written or read then, for whatever else was to be done. */
export function isCatalogAway(error: unknown): error is YardError {
  return error instanceof YardError && error.code === 'E_CATALOG_UNREACHABLE'
}

/** A mistake in yard stays one: it is not the fault of the deploy. */
export function isBug(error: unknown): error is Error {
  return (error instanceof TypeError || error instanceof ReferenceError) && !('code' in error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
