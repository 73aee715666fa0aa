import {YardError} from '../../errors.js'
import {Unanswered} from './gateway.js'
import {Refusal} from './refusal.js'
import {BadAnswer} from './wire.js'

/** What is said of the store in an error. */
export interface Place {
  /** `etcd://a:2379,b:2379` */
  url: string
  isTls: boolean
  /** The members' names. */
  members: readonly string[]
  user: string | undefined
}

/** Turns what members say into an error that a person can act on; other errors stay as they are. */
export function explain(error: unknown, place: Place): unknown {
  if (error instanceof Unanswered)
    return unreachable(place, `no member of etcd answers: ${error.message}`, error)
  if (error instanceof BadAnswer)
    return unreachable(place, `something there is no etcd: ${error.message}`, error)
  if (!(error instanceof Refusal)) return error
  if (error.isAuthentication) return notAuthenticated(place, error)
  if (error.isPermissionDenied) return notPermitted(place, error)
  if (error.isRequestTooLarge) return tooLarge(place, error)
  if (error.isOutOfSpace) return outOfSpace(place, error)
  return unreachable(place, `etcd refuses the request: ${error.message}`, error)
}

/** For a transaction that some member may have got. */
export function outcomeUnknown(place: Place, error: Unanswered): YardError {
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't tell whether the change was written to the catalog ${place.url}`,
    why: `too few members of etcd answer: ${error.message}; it may still be written when they do`,
    next: [
      'yard catalog show   # until the members answer again',
      'look at what is there, then run the command again',
    ],
    cause: error,
    details: reasonsOf(error),
  })
}

function unreachable(place: Place, why: string, cause: Error): YardError {
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't reach the catalog ${place.url}`,
    why,
    next: [
      'yard catalog show   # asks each member',
      `curl ${place.isTls ? 'https' : 'http'}://${place.members[0] ?? ''}/health`,
    ],
    cause,
    ...(cause instanceof Unanswered ? {details: reasonsOf(cause)} : {}),
  })
}

function reasonsOf({reasons, wasSent}: Unanswered): Record<string, unknown> {
  return {members: Object.fromEntries(reasons), mayBeWritten: wasSent}
}

function notAuthenticated(place: Place, cause: Refusal): YardError {
  return new YardError('E_CATALOG_AUTH', {
    what: `Can't use the catalog ${place.url}`,
    why:
      place.user === undefined || cause.isUserMissing
        ? 'etcd asks for a user and a password, and none were given'
        : `etcd doesn't accept the user ${JSON.stringify(place.user)} with this password`,
    next: ['export YARD_CATALOG_USER=NAME YARD_CATALOG_PASSWORD_FILE=FILE   # see docs/guides/catalog.md'],
    cause,
  })
}

function notPermitted(place: Place, cause: Refusal): YardError {
  return new YardError('E_CATALOG_AUTH', {
    what: `Can't use the catalog ${place.url}`,
    why: `etcd doesn't permit it to the user ${JSON.stringify(place.user ?? '')}`,
    next: [
      'ask who runs etcd for a role that may read and write the catalog:',
      'etcdctl role grant-permission ROLE --prefix=true readwrite PREFIX',
    ],
    cause,
  })
}

function tooLarge(place: Place, cause: Refusal): YardError {
  return new YardError('E_USAGE', {
    what: `Can't write this much to the catalog ${place.url} at once`,
    why: 'etcd takes 1.5 MiB in one request unless it is set up otherwise, keys and values together',
    next: ['make the value smaller, or keep it elsewhere and put its address here'],
    cause,
  })
}

function outOfSpace(place: Place, cause: Refusal): YardError {
  return new YardError('E_DISK_FULL', {
    what: `Can't write to the catalog ${place.url}`,
    why: 'the database of etcd has reached its quota; what was written before is safe',
    next: [
      'etcdctl endpoint status --cluster   # shows the sizes',
      'etcdctl compact REVISION && etcdctl defrag --cluster && etcdctl alarm disarm',
    ],
    cause,
  })
}
