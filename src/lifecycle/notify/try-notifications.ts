import {type Clock} from '../../contracts/clock.js'
import {type DeployEvent} from '../../domain/deploy-event.js'
import {parseName} from '../../domain/names.js'
import {notifyWithin, type OpenedNotifier} from './announcer.js'

export interface TryNotificationsNeeds {
  clock: Clock
  openNotifiers: (signal: AbortSignal) => Promise<readonly OpenedNotifier[]>
  actor: string
  machine: string
  /** Aborts on Ctrl-C. */
  signal: AbortSignal
}

export interface NotificationsReport {
  /** In the order of the platform file. */
  notifiers: {name: string; outcome: 'told' | 'failed'; why?: string}[]
}

/**
 * Sends one message to everybody whom the platform file names, and says who got it.
 * @throws YardError E_NAME_INVALID, E_PLATFORM_FILE
 */
export async function tryNotifications(
  needs: TryNotificationsNeeds,
  request: {environment: string},
): Promise<NotificationsReport> {
  const event = testEvent(needs, parseName('environment', request.environment))
  const notifiers = await needs.openNotifiers(needs.signal)
  return {notifiers: await Promise.all(notifiers.map((notifier) => tryOne(needs, notifier, event)))}
}

async function tryOne(
  {clock, signal}: TryNotificationsNeeds,
  notifier: OpenedNotifier,
  event: DeployEvent,
): Promise<NotificationsReport['notifiers'][number]> {
  const {name} = notifier
  if ('problem' in notifier) return {name, outcome: 'failed', why: notifier.problem}
  const outcome = await notifyWithin({clock, signal}, notifier, event)
  signal.throwIfAborted()
  return outcome.ok ? {name, outcome: 'told'} : {name, outcome: 'failed', why: outcome.why}
}

function testEvent({actor, clock, machine}: TryNotificationsNeeds, environment: string): DeployEvent {
  const at = clock.now().toISOString()
  return {
    v: 1,
    event: 'test',
    at,
    service: 'yard',
    environment,
    deploy: 0,
    kind: 'deploy',
    ref: 'none',
    dirty: false,
    by: actor,
    host: machine,
    startedAt: at,
  }
}
