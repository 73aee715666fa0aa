import {createHash} from 'node:crypto'
import {setImmediate} from 'node:timers/promises'

import {type BadRecord} from '../../catalog/collection.js'
import {type StoreEntry} from '../../contracts/store.js'
import {
  type HeldLine,
  heldLineSchema,
  type RoutingSnapshotHead,
  routingSnapshotSchema,
} from '../../domain/routing-snapshot.js'
import {check} from '../../domain/schema.js'

/** A record as it is kept: without its lease, which a saved one has no use for. */
export interface SavedRecord {
  key: string
  record: unknown
  createRevision: number
  modRevision: number
}

/** Everything a sidecar must know again after a start without the catalog. */
export interface SnapshotContent extends Omit<RoutingSnapshotHead, 'lines' | 'sha256' | 'v'> {
  records: readonly SavedRecord[]
  releases: readonly SavedRecord[]
  held: readonly (SavedRecord & HeldLine)[]
  bad: readonly (BadRecord & {modRevision: number})[]
}

/** What was read: nothing of it is believed before its schema accepts it. */
export interface ReadSnapshot extends RoutingSnapshotHead {
  records: StoreEntry[]
  releases: StoreEntry[]
  held: (StoreEntry & HeldLine)[]
  bad: (BadRecord & {modRevision: number})[]
}

/** As many lines are written in one go; then others get their turn. */
const linesInOneGo = 500

/** A line for the whole, then one for each record: fields between tabs, which JSON never holds. */
export async function snapshotText(content: SnapshotContent): Promise<string> {
  const {environment, revisions, seenAt, vanished} = content
  const hash = createHash('sha256')
  const chunks: string[] = []
  let lines: string[] = []
  let count = 0
  const flush = () => {
    const chunk = lines.join('')
    hash.update(chunk)
    chunks.push(chunk)
    lines = []
  }
  for (const line of linesOf(content)) {
    lines.push(`${line}\n`)
    count += 1
    if (lines.length < linesInOneGo) continue
    flush()
    await setImmediate()
  }
  flush()
  const head: RoutingSnapshotHead = {
    ...{v: 1, environment, revisions, seenAt, vanished},
    ...{lines: count, sha256: hash.digest('hex')},
  }
  return [`${JSON.stringify(head)}\n`, ...chunks].join('')
}

function* linesOf({bad, held, records, releases}: SnapshotContent): Iterable<string> {
  for (const one of records) yield `record\t${fieldsOf(one)}`
  for (const one of releases) yield `release\t${fieldsOf(one)}`
  for (const {at, inMass, revision, service, ...one} of held)
    yield `held\t${fieldsOf(one)}\t${JSON.stringify({at, revision, ...(service !== undefined && {service}), ...(inMass === true && {inMass})})}`
  for (const one of bad)
    yield `bad\t${JSON.stringify(one.key)}\t0\t${one.modRevision}\t${JSON.stringify(one.why)}`
}

/** Says in one clause why a text can't be used. */
export function readSnapshot(text: string, environment: string): ReadSnapshot | string {
  const end = text.indexOf('\n')
  const head = check(routingSnapshotSchema, parsed(text.slice(0, Math.max(end, 0))))
  if (!head.ok) return 'its first line is not what a sidecar writes'
  if (head.value.environment !== environment) return `it is of the environment ${head.value.environment}`
  const body = text.slice(end + 1)
  if (createHash('sha256').update(body).digest('hex') !== head.value.sha256) return 'it is damaged'
  const snapshot: ReadSnapshot = {...head.value, records: [], releases: [], held: [], bad: []}
  for (const line of body.split('\n')) if (line !== '') addLine(snapshot, line)
  return snapshot
}

/** By record: of thousands few are others than the last time, and none is changed in place. */
const writtenAs = new WeakMap<object, {key: string; modRevision: number; fields: string}>()

function fieldsOf({createRevision, key, modRevision, record}: SavedRecord): string {
  const known = isObject(record) ? writtenAs.get(record) : undefined
  if (known?.key === key && known.modRevision === modRevision) return known.fields
  const fields = `${JSON.stringify(key)}\t${createRevision}\t${modRevision}\t${JSON.stringify(record)}`
  if (isObject(record)) writtenAs.set(record, {key, modRevision, fields})
  return fields
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** A line that is none of a sidecar's is left out: the sum of the file says that nothing was lost on the way. */
function addLine(snapshot: ReadSnapshot, line: string): void {
  const [what, quotedKey = '', created = '', modified = '', value = '', more = ''] = line.split('\t')
  const key = parsed(quotedKey)
  const [createRevision, modRevision] = [Number(created), Number(modified)]
  if (typeof key !== 'string' || !Number.isSafeInteger(createRevision) || !Number.isSafeInteger(modRevision))
    return
  const entry = {key, value, createRevision, modRevision}
  if (what === 'record') snapshot.records.push(entry)
  else if (what === 'release') snapshot.releases.push(entry)
  else if (what === 'held') {
    const held = check(heldLineSchema, parsed(more))
    if (held.ok) snapshot.held.push({...entry, ...held.value})
  } else if (what === 'bad') {
    const why = parsed(value)
    if (typeof why === 'string') snapshot.bad.push({key, why, modRevision})
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
