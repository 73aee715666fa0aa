export interface LoadCounts {
  sent: number
  answered: number
  failed: number
  /** How many requests each release answered, by its `Yard-Release` header. */
  releases: Map<string, number>
  firstFailure: string | undefined
}

export interface Load {
  readonly counts: LoadCounts
  /** Sends nothing more, and resolves once everything under way is answered. */
  stop(): Promise<LoadCounts>
}

/** Sends a steady stream of requests, half of them on kept-alive connections. */
export function startLoad(options: {url: string; headers: Record<string, string>; perSecond: number}): Load
