import {printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

export function environmentUnknown(environment: string): YardError {
  return new YardError('E_ENVIRONMENT_UNKNOWN', {
    what: `Can't follow the environment ${environment}`,
    why: `it has no environment ${environment} that can be trusted: yard environments list`,
    next: ['yard environments list'],
  })
}

export function replaced(before: number, now: number): string {
  return `the catalog was replaced: it was at revision ${before} and is at ${now}; losses by that are held back`
}

export function missedRecords(count: number): string {
  const records = count === 1 ? 'a record' : `${count} records`
  return `a watch of the catalog missed ${records}: it is begun anew`
}

/** Whether nothing answered, as opposed to an answer that is of no use. */
export function isAway(error: unknown): boolean {
  return !(error instanceof YardError) || error.code === 'E_CATALOG_UNREACHABLE'
}

/** In one clause. */
export function reasonOf(error: unknown): string {
  if (error instanceof YardError) return error.why
  return printable(error instanceof Error ? error.message : String(error))
}
