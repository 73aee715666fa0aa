import {type Answer, integerOf} from './wire.js'

/** What gRPC's numbers mean; etcd's gateway passes them on. */
const codes = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
}

/** An error that etcd answered. Only this file knows its codes and texts. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }

  get isLeaseGone(): boolean {
    return this.code === codes.notFound && /lease not found/.test(this.message)
  }

  /** A revision whose history was forgotten. */
  get isCompacted(): boolean {
    return this.code === codes.outOfRange && /compacted/.test(this.message)
  }

  /** A revision that the cluster, or the member that was asked, hasn't reached. */
  get isFuture(): boolean {
    return this.code === codes.outOfRange && /future/.test(this.message)
  }

  get isPermissionDenied(): boolean {
    return this.code === codes.permissionDenied
  }

  get isAuthenticationOff(): boolean {
    return this.code === codes.failedPrecondition && /authentication is not enabled/.test(this.message)
  }

  /** Wrong user or password, no user where one is needed, a token nobody knows. */
  get isAuthentication(): boolean {
    if (this.code === codes.unauthenticated) return true
    return (
      this.code === codes.invalidArgument && /authentication failed|user name is empty/.test(this.message)
    )
  }

  get isUserMissing(): boolean {
    return /user name is empty/.test(this.message)
  }

  get isRequestTooLarge(): boolean {
    if (this.code === codes.invalidArgument) return /request is too large/.test(this.message)
    return this.code === codes.resourceExhausted && /message larger than max/.test(this.message)
  }

  get isOutOfSpace(): boolean {
    return this.code === codes.resourceExhausted && /space exceeded/.test(this.message)
  }
}

/** The error in an answer, or in a line of a stream. */
export function refusalIn(answer: Answer): Refusal | undefined {
  const {error} = answer
  if (error === undefined || error === null) return undefined
  if (typeof error === 'string') return new Refusal(integerOf(answer['code']), error)
  const {grpc_code: code, message} = error as {grpc_code?: unknown; message?: unknown}
  return new Refusal(integerOf(code), typeof message === 'string' ? message : 'etcd gave no reason')
}

/** Why etcd ended a watch other than for a compaction. A token that it doesn't know counts as no permission. */
export function cancellation(reason: unknown): Refusal {
  const text = typeof reason === 'string' ? reason : 'the watch was ended'
  const isForbidden = /permission ?denied|auth token|user name is empty/i.test(text)
  return new Refusal(isForbidden ? codes.permissionDenied : codes.unavailable, text)
}

/** A token of before a member's restart, or of before somebody changed users or roles. */
export function isOutdatedToken(refusal: Refusal): boolean {
  return /invalid auth token|revision of auth store is old/.test(refusal.message)
}

/**
 * Whether another try can help, and whether the request may be done all the same; undefined when etcd decided.
 * A proposal that etcd let go of ("request timed out", "leader changed", a member that stops) may have reached the
 * log before. "too many requests" is said before anything is proposed, and "no leader" before the request is looked at.
 */
export function isUndecided(refusal: Refusal): {mayBeDone: boolean} | undefined {
  if (/too many requests|etcdserver: no leader/.test(refusal.message)) return {mayBeDone: false}
  return undecidedCodes.has(refusal.code) ? {mayBeDone: true} : undefined
}

const undecidedCodes: ReadonlySet<number> = new Set([
  codes.cancelled,
  codes.unknown,
  codes.deadlineExceeded,
  codes.aborted,
  codes.internal,
  codes.unavailable,
])
