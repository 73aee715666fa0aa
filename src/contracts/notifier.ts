import {type DeployEvent} from '../domain/deploy-event.js'

/** One place where people or programs are told of deploys. */
export interface Notifier {
  /** For messages: `Slack`, `mail to team@example.org`, `the webhook at ci.example.org`. Holds no secret. */
  readonly name: string
  /**
   * Tells it, or says why it couldn't: one clause in lower case, without secrets. Never throws. Ends soon after the signal
   * aborts, which is its deadline.
   */
  notify(event: DeployEvent, signal: AbortSignal): Promise<NotifyOutcome>
}

export type NotifyOutcome = {ok: true} | {ok: false; why: string}
