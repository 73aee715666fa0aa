import {type Catalog} from '../catalog/catalog.js'
import {findEnvironment, findService} from '../catalog/find.js'
import {type LogLine, type LogReader} from '../contracts/log-reader.js'
import {isAtLeast, type Level} from '../domain/logs/level.js'
import {type LogStream} from '../domain/logs/line-format.js'
import {contentOf, type LineContent} from '../domain/logs/structured-line.js'
import {parseName} from '../domain/names.js'
import {YardError} from '../errors.js'
import {logsElsewhere} from './logs-elsewhere.js'

export interface TailNeeds {
  catalog: Catalog
  logs: LogReader
}

export interface TailRequest {
  environment: string
  /** All services when undefined. */
  service: string | undefined
  /** Also the parts of the environment itself, such as HAProxy. */
  all: boolean
  /** The last so many lines that pass the filters; all there are when undefined. */
  lines: number | undefined
  /** Milliseconds since 1970. */
  since: number | undefined
  follow: boolean
  /** Least level. A line without one counts as an error on stderr, and is left out on stdout. */
  level: Level | undefined
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
 * @throws YardError E_ENVIRONMENT_UNKNOWN, E_NAME_INVALID, E_SERVICE_UNKNOWN, E_USAGE for hosts that keep theirs
 */
export async function tail(
  needs: TailNeeds,
  request: TailRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<TailedLine>> {
  const {kind, name: environment} = await findEnvironment(needs.catalog, request.environment)
  const labels = {environment, ...(request.service !== undefined && {service: request.service})}
  if (request.service !== undefined) await checkService(needs, request.service, labels)
  if (kind === 'hosts' && (await needs.logs.sources(labels)).length === 0)
    throw await logsElsewhere(needs.catalog, environment, request.service)
  const lines = needs.logs.read(
    {
      labels,
      follow: request.follow,
      ...(request.lines !== undefined && {lines: request.lines}),
      ...(request.since !== undefined && {since: request.since}),
      accepts: (line) => isWanted(line, request),
    },
    signal,
  )
  return tailed(lines)
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

function isWanted(line: LogLine, request: TailRequest): boolean {
  if (!request.all && line.labels['service'] === undefined) return false
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
  return {level: /^ended by itself|dropped/.test(text) ? 'warn' : 'info', message: text}
}
