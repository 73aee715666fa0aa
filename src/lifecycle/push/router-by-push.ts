import {type HostRouting, type LiveOptions, type Router} from '../../contracts/router.js'
import {YardError} from '../../errors.js'
import {type PushedHost, type PushNeeds, type PushReport} from './needs.js'
import {push} from './push.js'

const pauseMillis = 1_000

/** For environments without sidecars: what is to be live is pushed. Whoever asks has the environment's confirmation already. */
export class RouterByPush implements Router {
  constructor(
    private readonly needs: Omit<PushNeeds, 'confirmProtected'>,
    /** Those that are pushed to; all of the environment unless given. */
    private readonly hostNames?: readonly string[],
  ) {}

  /** Hosts that can't be reached, and a push of somebody else, are tried again while there is time. */
  async makeLive(environment: string, revision: number, options: LiveOptions): Promise<HostRouting[]> {
    const {clock} = this.needs
    const deadlineMillis = clock.monotonicMillis() + options.timeoutMillis
    const states = new Map<string, HostRouting>()
    let left = this.hostNames
    for (;;) {
      const isOver = () => clock.monotonicMillis() + pauseMillis > deadlineMillis
      const report = await this.attempt(environment, left, options.signal, isOver())
      for (const host of report?.hosts ?? []) states.set(host.host, stateOf(host, revision))
      if (report !== undefined)
        left = [...states.values()].filter(({isLive}) => !isLive).map(({host}) => host)
      if ((report !== undefined && left?.length === 0) || isOver()) return [...states.values()]
      await clock.sleep(pauseMillis, options.signal)
    }
  }

  /** Undefined while another push is at work and there is time to wait for it. */
  private async attempt(
    environment: string,
    hosts: readonly string[] | undefined,
    signal: AbortSignal | undefined,
    isLast: boolean,
  ): Promise<PushReport | undefined> {
    const needs: PushNeeds = {
      ...this.needs,
      signal: signal === undefined ? this.needs.signal : AbortSignal.any([this.needs.signal, signal]),
      confirmProtected: async () => undefined,
    }
    const request = {environment, isPlan: false, acceptsNewKey: false, ...(hosts !== undefined && {hosts})}
    try {
      return await push(needs, request)
    } catch (error) {
      if (error instanceof YardError && error.code === 'E_LOCKED' && !isLast) return undefined
      throw error
    }
  }
}

function stateOf(pushed: PushedHost, wanted: number): HostRouting {
  const {host, problem, revision} = pushed
  return {
    host,
    isLive: problem === undefined && revision !== undefined && revision >= wanted,
    ...(revision !== undefined && {appliedRevision: revision}),
    ...(problem !== undefined && {problem: `${problem.what}: ${problem.why}`}),
  }
}
