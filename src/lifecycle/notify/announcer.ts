import {type Clock} from '../../contracts/clock.js'
import {type Notifier, type NotifyOutcome} from '../../contracts/notifier.js'
import {type Report} from '../../contracts/report.js'
import {type DeployEvent} from '../../domain/deploy-event.js'

export interface AnnouncerNeeds {
  clock: Clock
  report: Report
  /** Those of the platform file. Asked for once, with the first event; their secrets are opened then. */
  openNotifiers: (signal: AbortSignal) => Promise<readonly OpenedNotifier[]>
}

/** A notifier, or why there is none where the platform file wants one. */
export type OpenedNotifier = Notifier | {name: string; problem: string}

/** Tells people of a deploy. It changes no result, and takes no time of the deploy but a little at its end. */
export interface Announcer {
  /** Begins to tell everybody, and returns at once. Never throws. */
  announce(event: DeployEvent): void
  /** Returns when everybody was told, or the time for it is over; what went wrong is reported as warnings. Never throws. */
  settle(): Promise<void>
}

/** How long one notifier may take, and how long a deploy waits at its end for all of them. */
export const patienceMillis = 5_000

/** Announces to the notifiers of a platform file, all at once. */
export class NotifierAnnouncer implements Announcer {
  private readonly underway = new Set<Promise<void>>()
  private readonly over = new AbortController()
  private opened: Promise<readonly OpenedNotifier[]> | undefined
  private isOpen = false
  /** Who is out of order is told of once. */
  private readonly warned = new Set<string>()

  constructor(private readonly needs: AnnouncerNeeds) {}

  announce(event: DeployEvent): void {
    const telling = this.tell(event)
    this.underway.add(telling)
    void telling.finally(() => this.underway.delete(telling))
  }

  async settle(): Promise<void> {
    const all = Promise.all(this.underway).then(() => true)
    if (await within({clock: this.needs.clock, signal: this.over.signal}, all, false)) return
    this.over.abort()
    if (this.isOpen) await all
    else this.warn(nobody, 'the secrets it takes were not opened in time')
  }

  private async tell(event: DeployEvent): Promise<void> {
    this.opened ??= this.open()
    const notifiers = await this.opened
    if (this.over.signal.aborted) return
    await Promise.all(notifiers.map((notifier) => this.tellOne(notifier, event)))
  }

  private async open(): Promise<readonly OpenedNotifier[]> {
    try {
      return await this.needs.openNotifiers(this.over.signal)
    } catch (error) {
      this.warn(nobody, error instanceof Error ? error.message : String(error))
      return []
    } finally {
      this.isOpen = true
    }
  }

  private async tellOne(notifier: OpenedNotifier, event: DeployEvent): Promise<void> {
    const {name} = notifier
    if ('problem' in notifier) {
      this.warn(`${name} was not`, notifier.problem)
      return
    }
    const {clock} = this.needs
    const outcome = await notifyWithin({clock, signal: this.over.signal}, notifier, event)
    if (!outcome.ok) this.warn(`${name} was not`, outcome.why)
  }

  private warn(who: string, why: string): void {
    if (this.warned.has(who)) return
    this.warned.add(who)
    this.needs.report({kind: 'warning', text: `${who} told of this deploy: ${why}`})
  }
}

const nobody = 'Nobody was'

/** Gives a notifier its time and no more. One that breaks its promise and throws is one that couldn't. */
export async function notifyWithin(
  needs: {clock: Clock; signal: AbortSignal},
  notifier: Notifier,
  event: DeployEvent,
): Promise<NotifyOutcome> {
  const deadline = new AbortController()
  const late: NotifyOutcome = {ok: false, why: `no answer within ${patienceMillis / 1_000} s`}
  try {
    return await within(needs, notifier.notify(event, deadline.signal), late)
  } catch (error) {
    return {ok: false, why: error instanceof Error ? error.message : String(error)}
  } finally {
    deadline.abort()
  }
}

/** What the work comes to, or the other when its time is over or the signal aborts. */
async function within<T>(needs: {clock: Clock; signal: AbortSignal}, work: Promise<T>, late: T): Promise<T> {
  const rest = new AbortController()
  const signal = AbortSignal.any([rest.signal, needs.signal])
  const deadline = needs.clock.sleep(patienceMillis, signal).then(
    () => late,
    () => late,
  )
  try {
    return await Promise.race([work, deadline])
  } finally {
    rest.abort()
  }
}
