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

/** The same failure, with the host on which it happened. */
export function onHost(host: string, error: unknown): Error {
  if (isBug(error)) return error
  const reason = reasonOf(error)
  const why = reason.includes(host) ? reason : `${host}: ${reason}`
  if (!(error instanceof YardError)) {
    return new YardError('E_STEP_FAILED', {what: 'A step failed', why, next: ['yard status'], cause: error})
  }
  const {code, details, next, what} = error
  return new YardError(code, {what, why, next: [...next], cause: error, details: {...details, host}})
}

/** Output of builds and services, made harmless for a terminal. What is hidden is hidden before a line is cut. */
export function linesOf(cause: unknown, hide: (text: string) => string): string[] {
  const lines = cause instanceof YardError ? cause.details?.['lastLines'] : undefined
  return Array.isArray(lines) ? lines.map((line) => withoutControls(hide(String(line))).slice(0, 500)) : []
}

/** A mistake in yard stays one: it is not the fault of the deploy. */
export function isBug(error: unknown): error is Error {
  return (error instanceof TypeError || error instanceof ReferenceError) && !('code' in error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
