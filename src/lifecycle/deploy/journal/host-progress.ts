import {type DeployStep} from '../../../domain/deploy.js'
import {onHost, reasonOnHost} from '../step-failure.js'

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
   * Does something on all hosts at once, and waits for all of them, so that none is at work when this is over. A host that was
   * done in an earlier attempt counts as done. What failed is returned by host, each with the host's name in its reason.
   * @throws Error when it can't be told how a host is
   */
  async each<T extends {name: string}>(
    hosts: readonly T[],
    work: (host: T) => Promise<string | undefined>,
  ): Promise<Map<string, Error>> {
    const failures = new Map<string, Error>()
    const untold: unknown[] = []
    for (const {name} of hosts) this.known.set(name, {host: name, outcome: 'waiting'})
    const isTold = (state: HostState): Promise<boolean> =>
      this.set(state).then(
        () => true,
        (error: unknown) => {
          untold.push(error)
          return false
        },
      )
    await Promise.all(
      hosts.map(async (host) => {
        const {name} = host
        const isDone = this.doneBefore.has(name)
        if (!(await isTold({host: name, outcome: isDone ? 'done' : 'running'})) || isDone) return
        try {
          const detail = await work(host)
          await isTold({host: name, outcome: 'done', ...(detail !== undefined && {detail})})
        } catch (error) {
          const detail = reasonOnHost(error).slice(0, 1_900)
          await this.set({host: name, outcome: 'failed', detail}).catch(() => undefined)
          failures.set(name, this.tell === undefined ? asError(error) : onHost(name, error))
        }
      }),
    )
    if (untold.length > 0) throw asError(untold[0])
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
