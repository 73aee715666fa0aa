/** What the server lets a caller do at most. Counts are for each token and address, times in milliseconds. */
export interface ServerLimits {
  /** Requests within `windowMillis`. */
  requests: number
  /** Refused tokens of one address within `windowMillis`; tokens that were good a while ago don't count. */
  refusals: number
  windowMillis: number
  bodyBytes: number
  /** The longest a request may take to come in, headers and body. */
  requestMillis: number
  headersMillis: number
  /** How often a watch says that it's alive. */
  pingMillis: number
  /** How often open watches are checked against their tokens. */
  recheckMillis: number
  /** What a watch may be behind before it's cut off, to resume by itself. */
  backlogCharacters: number
}

export const defaultLimits: ServerLimits = {
  requests: 3_000,
  refusals: 20,
  windowMillis: 10_000,
  bodyBytes: 4 * 1_048_576,
  requestMillis: 30_000,
  headersMillis: 10_000,
  pingMillis: 15_000,
  recheckMillis: 1_000,
  backlogCharacters: 8 * 1_048_576,
}
