import {PatternFault, type RegularExpressions} from '../contracts/regular-expressions.js'
import {type Level} from '../domain/logs/level.js'
import {parseSince} from '../domain/logs/since.js'
import {namePattern, printable} from '../domain/names.js'
import {YardError} from '../errors.js'
import {type TailRequest} from './tail.js'

/** What was asked for on the command line, in its words. */
export interface TailWords {
  environment: string
  service: string | undefined
  /** `42`, `r42` or `billing-r42`. */
  release: string | undefined
  all: boolean
  since: string | undefined
  lines: number | undefined
  follow: boolean
  grep: string | undefined
  level: Level | undefined
}

/** How many lines are shown of the past when nobody says. */
const usualLines = 50

/**
 * Understands the words before anything is read.
 * @throws YardError E_USAGE
 */
export function tailRequest(
  words: TailWords,
  now: Date,
  regularExpressions: RegularExpressions,
): TailRequest {
  const {since, grep, lines, release, ...rest} = words
  const most = lines ?? (since === undefined ? usualLines : undefined)
  return {
    ...rest,
    lines: most,
    since: since === undefined ? undefined : sinceOf(since, now),
    release: release === undefined ? undefined : releaseOf(release, words.service),
    ...(grep === undefined ? {contains: undefined, matches: undefined} : soughtBy(grep, regularExpressions)),
  }
}

function releaseOf(value: string, service: string | undefined): number {
  const [, of, number] = /^(?:(.+)-)?r?([1-9][0-9]{0,8})$/.exec(value) ?? []
  const isOther = of !== undefined && of !== service
  if (service !== undefined && number !== undefined && !isOther) return Number(number)
  throw new YardError('E_USAGE', {
    what: `Can't show the logs of release ${printable(value)}`,
    why:
      service === undefined
        ? 'it takes the name of a service as well'
        : isOther
          ? `it is not a release of ${printable(service)}`
          : 'it is not the number of a release',
    next: [
      `yard logs tail ${service !== undefined && namePattern.test(service) ? service : 'SERVICE'} --release 42`,
    ],
  })
}

function sinceOf(value: string, now: Date): number {
  const since = parseSince(value, now)
  if (since !== undefined) return since
  throw new YardError('E_USAGE', {
    what: `Can't show the logs since ${printable(value)}`,
    why: 'it is neither a time span nor an ISO time',
    next: ['yard logs tail --since 5m', `yard logs tail --since ${now.toISOString()}`],
  })
}

/** `/…/` is a regular expression, `/…/i` one that ignores case; everything else is found as it is. */
function soughtBy(
  grep: string,
  regularExpressions: RegularExpressions,
): Pick<TailRequest, 'contains' | 'matches'> {
  const [, pattern, flag] = /^\/(.+)\/(i?)$/s.exec(grep) ?? []
  if (pattern === undefined) return {contains: grep, matches: undefined}
  try {
    const expression = regularExpressions.compile(flag === 'i' ? `(?i)${pattern}` : pattern)
    return {contains: undefined, matches: (text) => expression.find(text) !== undefined}
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error
    throw new YardError('E_USAGE', {
      what: `Can't look for ${printable(grep)}`,
      why: `it is no regular expression: ${error.message}`,
      next: ['yard logs tail --grep TEXT   # finds the text as it is', "yard logs tail --grep '/ba[rz]/'"],
      cause: error,
    })
  }
}
