import {type FollowedCatalog, type FollowedState} from '../../src/lifecycle/sidecar/followed-state.js'
import {aBinding, aHost, anEnvironment, anInstance, aService} from './records.js'

/** A state with one service on so many instances. */
export function aFollowedState(changes: Partial<FollowedState> = {}, instances = 1): FollowedState {
  const environment = 'staging'
  return {
    facts: {
      environment: anEnvironment(),
      services: [aService()],
      bindings: [aBinding()],
      instances: Array.from({length: instances}, (_, index) =>
        anInstance({environment, host: 'web-1', port: 21_001 + index}),
      ),
      hosts: [aHost()],
    },
    revision: 1,
    records: instances + 1,
    seenAt: '2026-11-20T12:00:00.000Z',
    staleSince: undefined,
    problem: undefined,
    bad: [],
    suspects: [],
    ...changes,
  }
}

/** Follows what a test tells it. */
export class ScriptedCatalog implements FollowedCatalog {
  private readonly waiting = new Set<() => void>()

  constructor(private current: FollowedState | undefined = aFollowedState()) {}

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
  }

  state(): FollowedState {
    if (this.current === undefined) throw new Error('it was not started')
    return this.current
  }

  async changedSince(previous: FollowedState, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.current !== previous) return
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason as Error)
      signal.addEventListener('abort', stop, {once: true})
      this.waiting.add(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
    })
  }

  change(changes: Partial<FollowedState>): void {
    this.current = {...this.state(), ...changes}
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const wake of waiting) wake()
  }
}
