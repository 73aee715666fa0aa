import {type FollowedState} from './followed-state.js'

/** The newest state, made when somebody asks for it, and those who wait for the next. */
export class StateBoard {
  private version = 0
  private shown: {version: number; state: FollowedState} | undefined
  private readonly versions = new WeakMap<FollowedState, number>()
  private readonly waiting = new Set<() => void>()

  constructor(
    private readonly make: () => FollowedState | undefined,
    /** What changes by itself, and wakes nobody. */
    private readonly freshen: () => Pick<FollowedState, 'problem' | 'seenAt' | 'staleSince'>,
  ) {}

  /** Something changed. */
  publish(): void {
    this.version += 1
    for (const wake of [...this.waiting]) wake()
  }

  /** @throws Error while there is no state. */
  state(): FollowedState {
    if (this.shown?.version !== this.version) {
      const state = this.make()
      if (state === undefined)
        throw new Error('there is no state yet: it is asked for before the start is over')
      this.show(state)
    }
    const shown = this.shown?.state
    const {problem, seenAt, staleSince} = this.freshen()
    const isFresh = shown?.problem === problem && shown?.seenAt === seenAt && shown.staleSince === staleSince
    if (shown !== undefined && !isFresh) this.show({...shown, problem, seenAt, staleSince})
    return this.shown?.state as FollowedState
  }

  changedSince(previous: FollowedState, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error)
        return
      }
      if (this.versions.get(previous) !== this.version) {
        resolve()
        return
      }
      const done = () => {
        this.waiting.delete(wake)
        signal.removeEventListener('abort', abort)
      }
      const wake = () => {
        done()
        resolve()
      }
      const abort = () => {
        done()
        reject(signal.reason as Error)
      }
      this.waiting.add(wake)
      signal.addEventListener('abort', abort, {once: true})
    })
  }

  private show(state: FollowedState): void {
    this.shown = {version: this.version, state}
    this.versions.set(state, this.version)
  }
}
