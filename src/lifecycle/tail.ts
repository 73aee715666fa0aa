import {type Catalog} from '../catalog/catalog.js'
import {findEnvironment, findService} from '../catalog/find.js'
import {type KeptLogs, type LogLine, type LogReader} from '../contracts/log-reader.js'
import {isAtLeast, type Level} from '../domain/logs/level.js'
import {type LogStream} from '../domain/logs/line-format.js'
import {contentOf, type LineContent} from '../domain/logs/structured-line.js'
import {parseName} from '../domain/names.js'
import {YardError} from '../errors.js'

export interface TailNeeds {
  catalog: Catalog
  /** On this machine. */
  logs: KeptLogs
  /** In the journals of the hosts of an environment. */
  journals: (environment: string) => Promise<LogReader>
}

export interface TailRequest {
  environment: string
  /** All services when undefined. */
  service: string | undefined
  /** A number; of that service alone. */
  release: number | undefined
  /** Also the parts of the environment itself, such as HAProxy. */
  all: boolean
  /** The last so many lines that pass the filters; all there are when undefined. */
  lines: number | undefined
  /** Milliseconds since 1970. */
  since: number | undefined
  follow: boolean
  /** Least level. A line without one counts as an error on stderr, and is left out on stdout. */
  level: Level | undefined
  /** A text that is in all of them as they were written. */
  contains: string | undefined
  /** Asked with the text as it was written. */
  matches: ((text: string) => boolean) | undefined
}

/** One line of one instance, as `--json` shows it. */
export interface TailedLine {
  at: string
  /** `yard`: a note of yard's own about the process. */
  stream: LogStream
  service?: string
  release?: string
  instance?: string
  process?: string
  /** Of the environment itself: `haproxy`, `supervisor`. */
  part?: string
  level?: Level
  message: string
  /** As it was written. */
  text: string
  /** Of a JSON line: all but level, time and message. */
  fields?: Record<string, unknown>
}

/**
 * The merged logs of an environment, checked before the first line is read; ends when the signal aborts.
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_NAME_INVALID, E_SERVICE_UNKNOWN, E_USAGE; while it's read, what keeps hosts from
 * telling theirs
 */
export async function tail(
  needs: TailNeeds,
  request: TailRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<TailedLine>> {
  const {kind, name: environment} = await findEnvironment(needs.catalog, request.environment)
  const {release, service} = request
  const own = {environment, ...(service !== undefined && {service})}
  const labels = {...own, ...(release !== undefined && {release: `r${release}`})}
  if (service !== undefined) await checkService(needs, service, own)
  // An environment of hosts may be held by this machine, too.
  const isElsewhere = kind === 'hosts' && (await needs.logs.sources(own)).length === 0
  if (isElsewhere && request.all) throw partsElsewhere(environment)
  const reader = isElsewhere ? await needs.journals(environment) : needs.logs
  const lines = reader.read(
    {
      labels,
      follow: request.follow,
      ...(request.lines !== undefined && {lines: request.lines}),
      ...(request.since !== undefined && {since: request.since}),
      ...(request.contains !== undefined && {contains: request.contains}),
      ...(!(isElsewhere && isUnfiltered(request)) && {accepts: (line) => isWanted(line, request)}),
    },
    signal,
  )
  return tailed(lines)
}

function partsElsewhere(environment: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't show the logs of HAProxy in ${environment}`,
    why: 'each of its hosts has a HAProxy of its own, whose lines are in the journal there',
    next: [`yard logs tail --env ${environment}`, 'journalctl --unit=yard-haproxy --lines=50   # there'],
  })
}

/** A service that is gone from the catalog may still have logs. */
async function checkService(
  needs: TailNeeds,
  service: string,
  labels: Record<string, string>,
): Promise<void> {
  parseName('service', service)
  const sources = await needs.logs.sources(labels)
  if (sources.length > 0) return
  try {
    await findService(needs.catalog, service)
  } catch (error) {
    // A record that can't be trusted is no reason to hide its logs.
    if (error instanceof YardError && error.code === 'E_CATALOG_CORRUPT') return
    throw error
  }
}

/** Whether all that services wrote is wanted. */
function isUnfiltered({contains, level, matches}: TailRequest): boolean {
  return contains === undefined && level === undefined && matches === undefined
}

function isWanted(line: LogLine, request: TailRequest): boolean {
  if (!request.all && line.labels['service'] === undefined) return false
  if (request.contains !== undefined && !line.text.includes(request.contains)) return false
  if (request.matches?.(line.text) === false) return false
  if (request.level === undefined) return true
  const level = contentOfLine(line).level ?? (line.stream === 'stderr' ? 'error' : undefined)
  return isAtLeast(level, request.level)
}

async function* tailed(lines: AsyncIterable<LogLine>): AsyncIterable<TailedLine> {
  for await (const line of lines) {
    const {service, release, instance, process, part} = line.labels
    yield {
      at: new Date(line.at).toISOString(),
      stream: line.stream,
      ...(service !== undefined && {service}),
      ...(release !== undefined && {release}),
      ...(instance !== undefined && {instance}),
      ...(process !== undefined && {process}),
      ...(part !== undefined && {part}),
      ...contentOfLine(line),
      text: line.text,
    }
  }
}

/** Yard's own notes are information, but for those about trouble. */
function contentOfLine({stream, text}: LogLine): LineContent {
  if (stream !== 'yard') return contentOf(text)
  return {
    level: /^ended by itself|^can't be read|dropped|missing/.test(text) ? 'warn' : 'info',
    message: text,
  }
}
