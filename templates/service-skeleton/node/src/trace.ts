import {randomBytes} from 'node:crypto'

export interface Trace {
  traceId: string
  /** The W3C `traceparent` of this request's own span. */
  header: string
}

const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/

/** Continues the caller's trace; without a valid header a new one begins. */
export function continueTrace(header: unknown): Trace {
  const match = typeof header === 'string' ? traceparent.exec(header) : null
  const traceId = match?.[1] ?? randomBytes(16).toString('hex')
  const flags = match?.[2] ?? '01'
  return {traceId, header: `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}`}
}
