import * as v from 'valibot'

import {unitId, unitName} from '../host-unit.js'
import {parseInstanceId} from '../instance.js'
import {check} from '../schema.js'
import {type LogStream} from './line-format.js'

/** An entry of the journal of a host, as `journalctl --output=json` tells it. */
export interface JournalEntry {
  /** Where it stands in that journal. */
  cursor: string
  /** Milliseconds since 1970, by the clock of that host. */
  at: number
  /** What an instance wrote; undefined when it isn't from the instance that it names. */
  written?: WrittenEntry
}

export interface WrittenEntry {
  stream: LogStream
  instance: string
  labels: Record<string, string>
  text: string
}

const positionSchema = v.object({
  __CURSOR: v.pipe(v.string(), v.regex(/^[a-z0-9=;]{1,300}$/)),
  __REALTIME_TIMESTAMP: v.pipe(v.string(), v.regex(/^\d{1,16}$/)),
})

const writtenSchema = v.object({
  YARD_INSTANCE: v.string(),
  YARD_ENVIRONMENT: v.string(),
  _SYSTEMD_UNIT: v.string(),
  PRIORITY: v.optional(v.string()),
  MESSAGE: v.optional(v.unknown()),
})

/** Of those that syslog knows: error and what is worse. */
const errorPriority = 3

/**
 * Undefined when the text is no entry. A program may write any field to the journal but those that begin with `_`, so an
 * entry counts as an instance's only when it came from the unit of that instance, on the host that was asked.
 */
export function parseJournalEntry(
  text: string,
  from: {environment: string; host: string},
): JournalEntry | undefined {
  const record = jsonOf(text)
  const position = check(positionSchema, record)
  if (!position.ok) return undefined
  const {__CURSOR: cursor, __REALTIME_TIMESTAMP: micros} = position.value
  const entry = {cursor, at: Math.floor(Number(micros) / 1_000)}
  const written = check(writtenSchema, record)
  if (!written.ok) return entry
  const {MESSAGE, PRIORITY, YARD_ENVIRONMENT: environment, YARD_INSTANCE: instance} = written.value
  const parts = parseInstanceId(instance)
  if (parts?.host !== from.host || environment !== from.environment) return entry
  if (written.value._SYSTEMD_UNIT !== unitName(unitId(instance) ?? '')) return entry
  const labels = {
    environment,
    service: parts.service,
    release: `r${parts.release}`,
    instance,
    process: parts.process,
  }
  const stream = Number(PRIORITY ?? 6) <= errorPriority ? 'stderr' : 'stdout'
  return {...entry, written: {stream, instance, labels, text: messageOf(MESSAGE)}}
}

/** Of a field that was given several times, the first. */
function messageOf(message: unknown): string {
  return textOf(message) ?? (Array.isArray(message) ? textOf(message[0]) : undefined) ?? ''
}

/** A text with control characters, or one that isn't UTF-8, comes as the numbers of its bytes. Undefined for all else. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const isBytes = Array.isArray(value) && value.every((each) => Number.isInteger(each))
  return isBytes ? Buffer.from(value as number[]).toString('utf8') : undefined
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
