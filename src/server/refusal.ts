import {type Role} from '../domain/api-token.js'
import {type ErrorCode, YardError, type YardErrorParts} from '../errors.js'

/** An answer other than yes: a `YardError` with its place in HTTP. */
export class Refusal extends YardError {
  constructor(
    /** Named as Fastify and its plugins expect it. */
    readonly statusCode: number,
    code: ErrorCode,
    parts: YardErrorParts,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, parts)
  }
}

/** The request isn't one that the server understands: 400, or a status that says it closer. */
export function badRequest(why: string, statusCode = 400): Refusal {
  return new Refusal(statusCode, 'E_USAGE', {
    what: "Can't do what the request asks",
    why,
    next: ['look at /openapi.json: it describes every request'],
  })
}

/** Who asks is known, and may not do this, but whoever has this role may: 403. */
export function forbidden(why: string, role: Role): Refusal {
  return new Refusal(403, 'E_CATALOG_FORBIDDEN', {
    what: "Can't do this with the token in use",
    why,
    next: [`ask an admin: yard tokens create NAME --role ${role}`],
  })
}

/** Who asks isn't known: 401. */
export function unauthenticated(why: string): Refusal {
  const parts = {
    what: "Can't use the catalog",
    why,
    next: ['export YARD_TOKEN=yard_…', 'ask an admin: yard tokens create NAME --role reader'],
  } as const
  return new Refusal(401, 'E_CATALOG_AUTH', {...parts, next: [...parts.next]}, {'www-authenticate': 'Bearer'})
}

/** Too much at once: 429, with the time to wait. */
export function tooMany(why: string, seconds: number): Refusal {
  return new Refusal(
    429,
    'E_CATALOG_UNREACHABLE',
    {what: "Can't answer so many requests", why, next: [`wait ${seconds} s`]},
    {'retry-after': String(seconds)},
  )
}
