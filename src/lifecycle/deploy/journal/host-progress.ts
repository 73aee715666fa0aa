import {type DeployStep} from '../../../domain/deploy.js'
import {onHost, reasonOf} from '../step-failure.js'

export type HostState = NonNullable<DeployStep['hosts']>[number]

/** How a step goes on each of its hosts; told after every change. */
export class HostProgress {
  private readonly known = new Map<string, HostState>()
  private readonly doneBefore: ReadonlySet<string>
  private lastTold: Promise<void> = Promise.resolve()
  /** Waits for its turn. */
  private next: Promise<void> | undefined

  /**
   * @param earlier how it went on them in an earlier attempt at the same step
   * @param tell undefined where there is but one host, of which nobody needs to be told
   */
  constructor(
    earlier: readonly HostState[],
    private readonly tell: ((states: HostState[]) => Promise<void>) | undefined,
  ) {
    this.doneBefore = new Set(earlier.filter(({outcome}) => outcome === 'done').map(({host}) => host))
  }

  get states(): HostState[] {
    return [...this.known.values()]
  }

  /**
   * Does something on all hosts at once, and waits for all of them. A host that was done in an earlier attempt counts as
   * done. What failed is returned by host, each with the host's name in its reason.
   */
  async each<T extends {name: string}>(
    hosts: readonly T[],
    work: (host: T) => Promise<string | undefined>,
  ): Promise<Map<string, Error>> {
    const failures = new Map<string, Error>()
    for (const {name} of hosts) this.known.set(name, {host: name, outcome: 'waiting'})
    await Promise.all(
      hosts.map(async (host) => {
        if (this.doneBefore.has(host.name)) return this.set({host: host.name, outcome: 'done'})
        await this.set({host: host.name, outcome: 'running'})
        try {
          const detail = await work(host)
          await this.set({host: host.name, outcome: 'done', ...(detail !== undefined && {detail})})
        } catch (error) {
          const detail = reasonOf(error).slice(0, 1_900)
          await this.set({host: host.name, outcome: 'failed', detail}).catch(() => undefined)
          failures.set(host.name, this.tell === undefined ? asError(error) : onHost(host.name, error))
        }
      }),
    )
    return failures
  }

  /** One write after the other: each holds all hosts, and what changes meanwhile is in the next one. */
  private set(state: HostState): Promise<void> {
    this.known.set(state.host, state)
    this.next ??= this.lastTold
      .catch(() => undefined)
      .then(() => {
        this.next = undefined
        return this.tell?.(this.states)
      })
    this.lastTold = this.next
    return this.next
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
