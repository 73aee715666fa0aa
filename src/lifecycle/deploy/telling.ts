import {deployEventOf, type DeployEvent} from '../../domain/deploy-event.js'
import {type HookMoment} from '../../domain/service.js'
import {type HookSet, runHooks} from '../hooks/run-hooks.js'
import {type DeployRun} from './run.js'

/** Runs the hooks of a moment: those of the platform file, then the service's own where they were read from its repository. */
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
  await runHooks(
    {clock, commands, report, ...(hooks !== undefined && {variables: hooks.variables})},
    {
      moment,
      event: eventOf(run, moment, parts.lastLines),
      sets,
      // What is told of an end is told also when the end is Ctrl-C.
      ...(isBefore && {signal: run.signal}),
    },
  )
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
