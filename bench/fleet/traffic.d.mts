export interface Answered {
  answered: number
  failed: number
  firstFailure?: string
}

export interface TrafficCounts {
  seconds: number
  quick: Answered
  slow: Answered
  sockets: Answered
  /** That answered quick requests. */
  releases: string[]
}

export interface Traffic {
  /** Sends nothing more, and resolves once everything under way is answered. */
  stop(): Promise<TrafficCounts>
}

/** Requests of a real day to the routers at these addresses: quick ones, slow ones and WebSockets. */
export function startTraffic(options: {
  addresses: readonly string[]
  service: string
  perSecond: number
}): Traffic
