/** Exit codes of every command; `design.md` calls them part of the stable interface. */
export const exitCodes = {
  done: 0,
  stepFailed: 1,
  invalidInput: 2,
  refused: 3,
  unreachable: 4,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const {stepFailed, invalidInput, refused, unreachable, interrupted} = exitCodes

/**
 * Every failure a person can act on, and the exit code it ends with. Each code has a heading in
 * `docs/errors.md`; a test keeps the two lists equal. Keep the table sorted.
 */
export const errorCodes = {
  E_ARTIFACT: stepFailed,
  E_AUDIT_BROKEN: stepFailed,
  E_CATALOG_AUTH: unreachable,
  E_CATALOG_CORRUPT: unreachable,
  E_CATALOG_FORBIDDEN: unreachable,
  E_CATALOG_NEWER: unreachable,
  E_CATALOG_UNREACHABLE: unreachable,
  E_CATALOG_URL: invalidInput,
  E_COMMAND_UNKNOWN: invalidInput,
  E_CONFIG_UNKNOWN: invalidInput,
  E_CONFLICT: refused,
  E_CONSUMER_UNKNOWN: invalidInput,
  E_DEPLOY_ENDED: refused,
  E_DEPLOY_FAILED: stepFailed,
  E_DEPLOY_UNKNOWN: invalidInput,
  E_DISK_FULL: unreachable,
  E_ENVIRONMENT_DOWN: unreachable,
  E_ENVIRONMENT_IN_USE: refused,
  E_ENVIRONMENT_UNKNOWN: invalidInput,
  E_FENCED: refused,
  E_FILE_TOO_LARGE: invalidInput,
  E_FLEET: unreachable,
  E_GENERATE_FAILED: stepFailed,
  E_GIT: unreachable,
  E_HAPROXY_CONFIG: stepFailed,
  E_HAPROXY_MISSING: unreachable,
  E_HAPROXY_OLD: unreachable,
  E_HAPROXY_UNCONFIRMED: unreachable,
  E_HOST_AUTH: unreachable,
  E_HOST_IN_USE: refused,
  E_HOST_KEY: unreachable,
  E_HOST_SETUP: unreachable,
  E_HOST_UNKNOWN: invalidInput,
  E_HOST_UNREACHABLE: unreachable,
  E_IMPORT_FILE: invalidInput,
  E_INSTANCE_UNKNOWN: invalidInput,
  E_INTERRUPTED: interrupted,
  E_LISTEN: refused,
  E_LOCKED: refused,
  E_LOCK_UNKNOWN: invalidInput,
  E_NAME_INVALID: invalidInput,
  E_NOT_CONFIRMED: refused,
  E_NO_REPOSITORY: invalidInput,
  E_PERMISSION: unreachable,
  E_PLATFORM_FILE: invalidInput,
  E_PORT_TAKEN: unreachable,
  E_PUSH_FAILED: stepFailed,
  E_REF_UNKNOWN: invalidInput,
  E_RELEASE_UNKNOWN: invalidInput,
  E_ROUTE_TAKEN: refused,
  E_ROUTE_UNKNOWN: invalidInput,
  E_SECRET_IDENTITY: unreachable,
  E_SECRET_RECIPIENTS: invalidInput,
  E_SECRET_REFERENCE: invalidInput,
  E_SECRET_TOOL: unreachable,
  E_SERVICE_FILE: invalidInput,
  E_SERVICE_IN_USE: refused,
  E_SERVICE_UNKNOWN: invalidInput,
  E_SIDECAR: stepFailed,
  E_SMOKE_FILE: invalidInput,
  E_SMOKE_MISSING: invalidInput,
  E_STEP_FAILED: stepFailed,
  E_TARGET_EXISTS: refused,
  E_TOKEN_UNKNOWN: invalidInput,
  E_UP_FAILED: stepFailed,
  E_USAGE: invalidInput,
  E_WORK_TREE_DIRTY: refused,
} as const satisfies Record<string, ExitCode>

export type ErrorCode = keyof typeof errorCodes

export interface YardErrorParts {
  /** Present tense, names the thing: "Can't deploy kudos to staging". */
  what: string
  /** One clause in lower case: "web-2 refused the ssh key". */
  why: string
  /** Lines a person can paste, most useful first. Never empty. */
  next: [string, ...string[]]
  cause?: unknown
  /** Plain data for `--json`, such as the failing step or the positions in a file. */
  details?: Record<string, unknown>
}

/** A failure a person can act on: what happened, why, what to do next. Anything else is a bug in yard. */
export class YardError extends Error {
  readonly code: ErrorCode
  readonly what: string
  readonly why: string
  readonly next: readonly [string, ...string[]]
  readonly details: Record<string, unknown> | undefined

  constructor(code: ErrorCode, parts: YardErrorParts) {
    super(`${parts.what}: ${parts.why}`, parts.cause === undefined ? undefined : {cause: parts.cause})
    this.name = 'YardError'
    this.code = code
    this.what = parts.what
    this.why = parts.why
    this.next = parts.next
    this.details = parts.details
  }

  get exitCode(): ExitCode {
    return errorCodes[this.code]
  }
}

/** The same failure, with other lines to paste. */
export function withNext(
  {cause, code, details, next, what, why}: YardError,
  change: (line: string) => string,
): YardError {
  const [first, ...others] = next
  return new YardError(code, {
    what,
    why,
    next: [change(first), ...others.map(change)],
    cause,
    ...(details !== undefined && {details}),
  })
}
