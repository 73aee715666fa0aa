import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord} from '../../catalog/collection.js'
import {catalogRoot} from '../../catalog/keys.js'
import {kindOf, recordKinds} from '../../catalog/record-kinds.js'
import {type Compare, type StoreEntry, type Write} from '../../contracts/store.js'
import {canonicalJson} from '../../domain/canonical-json.js'
import {type ExportedRecord} from '../../domain/catalog-export.js'
import {readMoving} from './export.js'

export interface ImportChange {
  action: 'add' | 'change' | 'remove'
  key: string
  /** Of a changed record: which of its fields differ, sorted. */
  fields?: string[]
}

/** A change with the write that makes it and what it assumes. */
export interface PlannedChange {
  change: ImportChange
  compare: Compare
  write: Write
}

export interface ImportPlan {
  /** In the order in which they are made: first what others name, and removals last. */
  changes: PlannedChange[]
  unchanged: number
  /** Records of this catalog that can't be trusted; they are left alone unless the file has their key. */
  bad: BadRecord[]
}

/** What makes a catalog hold these records. Others are removed only with `isPruning`. */
export async function planImport(
  catalog: Catalog,
  records: readonly ExportedRecord[],
  isPruning: boolean,
): Promise<ImportPlan> {
  const {entries} = await catalog.store.range(catalogRoot)
  const present = new Map(entries.map((entry) => [entry.key, entry]))
  const changes: PlannedChange[] = []
  let unchanged = 0
  for (const record of records) {
    const planned = planRecord(catalog, record, present.get(record.key))
    if (planned === undefined) unchanged += 1
    else changes.push(planned)
  }
  const wanted = new Set(records.map(({key}) => key))
  const bad: BadRecord[] = []
  for (const entry of entries) {
    if (wanted.has(entry.key)) continue
    const read = readMoving(catalog, entry)
    if (read === undefined) continue
    if ('why' in read) bad.push(read)
    else if (isPruning) changes.push(removal(entry))
  }
  return {changes: inOrder(changes), unchanged, bad}
}

/** Undefined when the catalog holds the record as it is. */
function planRecord(
  catalog: Catalog,
  {key, record}: ExportedRecord,
  entry: StoreEntry | undefined,
): PlannedChange | undefined {
  const collection = kindOf(key)?.collection(catalog)
  if (collection === undefined) throw new Error(`${key} was not checked`)
  const before = entry && collection.readAll([entry]).records[0]?.record
  // A lease would take the record away again.
  const isSame = before !== undefined && entry?.lease === undefined
  if (isSame && canonicalJson(before) === canonicalJson(record)) return undefined
  return {
    change:
      entry === undefined ? {action: 'add', key} : {action: 'change', key, fields: differing(before, record)},
    compare: {key, target: 'modified', revision: entry?.modRevision ?? 0},
    write: collection.put(key, record),
  }
}

function removal({key, modRevision}: StoreEntry): PlannedChange {
  return {
    change: {action: 'remove', key},
    compare: {key, target: 'modified', revision: modRevision},
    write: {delete: key},
  }
}

function differing(before: unknown, after: unknown): string[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  const fields = [...new Set([...old.keys(), ...now.keys()])].sort()
  return fields.filter((field) => old.get(field) !== now.get(field))
}

function fieldsOf(record: unknown): Map<string, string> {
  if (typeof record !== 'object' || record === null) return new Map()
  return new Map(Object.entries(record).map(([field, value]) => [field, canonicalJson(value)]))
}

/** Kind after kind, each in the order of its keys; removals the other way round. */
function inOrder(changes: readonly PlannedChange[]): PlannedChange[] {
  const rank = new Map(recordKinds.map((kind, index) => [kind, index]))
  const rankOf = ({change}: PlannedChange) => {
    const kind = kindOf(change.key)
    const place = kind === undefined ? -1 : (rank.get(kind) ?? -1)
    return change.action === 'remove' ? 2 * recordKinds.length - place : place
  }
  return changes
    .map((planned) => ({planned, place: rankOf(planned)}))
    .sort((left, right) => left.place - right.place)
    .map(({planned}) => planned)
}
