/** Brings what the catalog says of the traffic of an environment to all of its hosts. */
export interface Router {
  /**
   * Makes this catalog revision live, and returns where every host is: all of them have it, or the time is over.
   * @throws the signal's reason when it aborts.
   */
  makeLive(environment: string, revision: number, options: LiveOptions): Promise<HostRouting[]>
}

export interface LiveOptions {
  timeoutMillis: number
  signal?: AbortSignal | undefined
  /** Names of hosts that are not waited for: they get it when that takes no time. */
  notAwaited?: readonly string[]
}

export interface HostRouting {
  host: string
  isLive: boolean
  /** The catalog revision that its HAProxy follows; undefined when nothing is known of it. */
  appliedRevision?: number
  /** What keeps it from following, in words for people. */
  problem?: string
}
