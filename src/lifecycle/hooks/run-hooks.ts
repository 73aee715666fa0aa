import {type Clock} from '../../contracts/clock.js'
import {type CommandRunner} from '../../contracts/command-runner.js'
import {type Report} from '../../contracts/report.js'
import {type DeployEvent} from '../../domain/deploy-event.js'
import {printable} from '../../domain/names.js'
import {type HookMoment, type Hooks} from '../../domain/service.js'
import {YardError} from '../../errors.js'
import {runEnding} from '../run-ending.js'

export interface HookNeeds {
  clock: Clock
  commands: CommandRunner
  report: Report
  /** Added to their environment: where yard has its catalog, for those that call it. */
  variables?: Readonly<Record<string, string>>
}

/** What the program that deploys knows of hooks. */
export interface HookSettings {
  variables: Readonly<Record<string, string>>
  /** Those of the platform file; run first. */
  platform?: HookSet
}

/** Hooks that are written in one file. */
export interface HookSet {
  /** The file, as people call it: `yard.yaml`, `service.yaml`. */
  from: string
  hooks: Hooks
  /** Absolute; asked for only when one of them is to be run. */
  directory: () => Promise<string>
}

export interface HookRequest {
  moment: HookMoment
  /** What they read on stdin; its `event` is the moment. */
  event: DeployEvent
  /** In their order: those of the platform file come first. */
  sets: readonly HookSet[]
  /** Aborts on Ctrl-C: what runs is ended. */
  signal?: AbortSignal
}

/** Hooks that can still stop the deploy. */
const deciding: readonly HookMoment[] = ['before-build', 'before-deploy']

/** Its events are shown like those of a step of the deploy; it has no row in the catalog. */
const step = 'hooks'
const shownLines = 30

/**
 * Runs the hooks of a moment one after another, each with the event on stdin and in `YARD_…` variables. Their output is
 * reported as that of the step `hooks`. Of the moments after the fact, one that goes wrong is a warning, and the next one is
 * run all the same.
 * @throws YardError E_STEP_FAILED for the first before-build or before-deploy hook that goes wrong
 */
export async function runHooks(needs: HookNeeds, request: HookRequest): Promise<void> {
  const {moment, sets, signal} = request
  for (const {directory, from, hooks} of sets) {
    for (const {line, timeoutMillis} of hooks[moment] ?? []) {
      const problem = await runHook(needs, request, {directory, line, timeoutMillis})
      if (deciding.includes(moment)) signal?.throwIfAborted()
      if (problem === undefined) continue
      const why = `the ${moment} hook ${printable(line)} of ${from} ${problem.why}`
      if (deciding.includes(moment)) throw refusal(why, problem.lastLines)
      const last = problem.lastLines.at(-1)
      const said = last === undefined ? '' : `; its last line: ${printable(last)}`
      needs.report({kind: 'warning', text: `${why}${said}`})
    }
  }
}

interface Hook {
  line: string
  timeoutMillis: number
  directory: () => Promise<string>
}

interface Fault {
  /** Follows the name of the hook. */
  why: string
  lastLines: string[]
}

/** Returns how it went wrong; undefined when it did not. */
async function runHook(needs: HookNeeds, request: HookRequest, hook: Hook): Promise<Fault | undefined> {
  const {clock, report} = needs
  const started = clock.monotonicMillis()
  report({kind: 'step-started', step, title: `Run the ${request.moment} hook ${printable(hook.line)}`})
  // Also when its directory can't be made: an error of a hook is never one of the deploy.
  const fault = await run(needs, request, hook).catch((error: unknown) => ({
    why: `could not be run: ${error instanceof YardError ? error.why : String(error)}`,
    lastLines: [],
  }))
  const millis = Math.round(clock.monotonicMillis() - started)
  report({kind: 'step-finished', step, outcome: fault === undefined ? 'done' : 'failed', millis})
  return fault
}

async function run(
  {commands, report, variables}: HookNeeds,
  {event, moment, signal}: HookRequest,
  {directory, line, timeoutMillis}: Hook,
): Promise<Fault | undefined> {
  const result = await commands.run(
    {line},
    {
      directory: await directory(),
      variables: {...variables, ...hookVariables(event, moment)},
      input: `${JSON.stringify({...event, event: moment})}\n`,
      deadlineMillis: timeoutMillis,
      ...(signal !== undefined && {signal}),
      onLine: (text) => report({kind: 'step-output', step, line: text}),
    },
  )
  if (result.outcome === 'succeeded') return undefined
  return {why: runEnding(result, timeoutMillis), lastLines: result.lastLines.slice(-shownLines)}
}

/** What a hook finds in its environment. Never a secret. */
export function hookVariables(event: DeployEvent, moment: HookMoment): Record<string, string> {
  const {before, commit, failedStep, live, outcome, release, why} = event
  return {
    YARD_HOOK: moment,
    YARD_SERVICE: event.service,
    YARD_ENVIRONMENT: event.environment,
    YARD_DEPLOY: String(event.deploy),
    YARD_KIND: event.kind,
    YARD_REF: event.ref,
    YARD_BY: event.by,
    ...(commit !== undefined && {YARD_COMMIT: commit}),
    ...(release !== undefined && {YARD_RELEASE: release}),
    ...(before !== undefined && {YARD_BEFORE: before}),
    ...(live !== undefined && {YARD_LIVE: live}),
    ...(outcome !== undefined && {YARD_OUTCOME: outcome}),
    ...(failedStep !== undefined && {YARD_FAILED_STEP: failedStep}),
    ...(why !== undefined && {YARD_WHY: why}),
  }
}

function refusal(why: string, lastLines: readonly string[]): YardError {
  return new YardError('E_STEP_FAILED', {
    what: 'A hook failed',
    why,
    next: ['correct what it complains of and run the command again'],
    ...(lastLines.length > 0 && {details: {lastLines}}),
  })
}
