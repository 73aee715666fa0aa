import {deployEventOf, type DeployEvent} from '../../domain/deploy-event.js'
import {type HookMoment} from '../../domain/service.js'
import {type HookSet, runHooks} from '../hooks/run-hooks.js'
import {type DeployRun} from './run.js'

/**
 * Runs the hooks of a moment: those of the platform file, then the service's own where they were read from its repository.
 * Ctrl-C ends them; those that are told of an end which Ctrl-C itself made run once nobody waits for the lock any more.
 */
export async function runMoment(
  run: DeployRun,
  moment: HookMoment,
  parts: {own?: HookSet | undefined; lastLines?: readonly string[]} = {},
): Promise<void> {
  const {clock, commands, hooks, report} = run.needs
  const own = 'own' in parts ? parts.own : run.ownHooks
  const sets = [hooks?.platform, own].filter((set) => set !== undefined)
  if (sets.every((set) => set.hooks[moment] === undefined)) return
  const isBefore = moment === 'before-build' || moment === 'before-deploy'
  const hookNeeds = {clock, commands, report, ...(hooks !== undefined && {variables: hooks.variables})}
  const request = {moment, event: eventOf(run, moment, parts.lastLines), sets}
  if (isBefore || !run.signal.aborted) await runHooks(hookNeeds, {...request, signal: run.signal})
  // Before the copy in which they run is removed.
  else run.closers.unshift(() => runHooks(hookNeeds, request))
}

/** Tells those whom the platform file names, without waiting for them. */
export function announce(
  run: DeployRun,
  event: DeployEvent['event'],
  lastLines: readonly string[] = [],
): void {
  run.needs.announcer?.announce(eventOf(run, event, lastLines))
}

function eventOf(
  run: DeployRun,
  event: DeployEvent['event'],
  lastLines: readonly string[] = [],
): DeployEvent {
  return deployEventOf({
    event,
    at: run.needs.clock.now(),
    record: run.record,
    release: run.release,
    live: run.live,
    lastLines,
    hide: (text) => run.secrets.redact(text),
  })
}
