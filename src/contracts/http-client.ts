/** One HTTP exchange; follows no redirect by itself and never throws for a status. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpOutcome>
  /** Closes kept-alive connections. */
  close(): void
}

export interface HttpRequest {
  method: string
  url: string
  /** In sending order; names may repeat. */
  headers: [name: string, value: string][]
  body?: Uint8Array
  timeoutMillis: number
  /** More than this is cut off and reported as `body-too-large`. */
  maxBodyBytes?: number
  signal?: AbortSignal
  /** Asked for every IP address before anything is sent to it; false ends the exchange with `not-permitted`. */
  permitsAddress?: (address: string) => boolean
}

export type HttpOutcome =
  | {kind: 'response'; response: HttpResponse}
  | {kind: 'failed'; cause: HttpFailure; phase: HttpPhase; detail: string; millis: number}

/** What was under way when an exchange failed. TLS belongs to `connect`. */
export type HttpPhase = 'connect' | 'first-byte' | 'body'

export type HttpFailure =
  | 'refused'
  | 'unreachable'
  | 'timed-out'
  | 'reset'
  | 'body-too-large'
  | 'invalid'
  | 'aborted'
  | 'not-permitted'

export interface HttpResponse {
  status: number
  reason: string
  /** The protocol's version as `1.1`. */
  version: string
  /** As received; names in the server's spelling, repeats kept. */
  headers: [name: string, value: string][]
  /** Decoded by `content-encoding`. */
  body: Uint8Array
  /** From the first byte sent to the last received. */
  millis: number
}
