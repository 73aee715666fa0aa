import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord} from '../../catalog/collection.js'
import {catalogRoot} from '../../catalog/keys.js'
import {kindOf, type RecordKind, recordKinds, unknownKind} from '../../catalog/record-kinds.js'
import {type StoreEntry, type StorePart} from '../../contracts/store.js'

export interface CatalogShowRequest {
  /** `sqlite`, `etcd` or `http`. */
  store: string
  /** The platform file in use. */
  platformFile: string | undefined
}

export interface CatalogShowReport {
  store: string
  url: string
  revision: number
  platformFile?: string
  health: StorePart[]
  /** How many records there are of each kind, those that can't be trusted left out. */
  records: {kind: string; count: number}[]
  bad: BadRecord[]
}

/** Which catalog is in use, how its store is, and what it holds. */
export async function showCatalog(
  {catalog}: {catalog: Catalog},
  {platformFile, store}: CatalogShowRequest,
): Promise<CatalogShowReport> {
  const {entries, revision} = await catalog.store.range(catalogRoot)
  const {bad, counts} = countRecords(catalog, entries)
  return {
    store,
    url: catalog.store.url,
    revision,
    ...(platformFile !== undefined && {platformFile}),
    health: await catalog.store.health(),
    records: recordKinds.map((kind) => ({kind: kind.name, count: counts.get(kind) ?? 0})),
    bad,
  }
}

function countRecords(
  catalog: Catalog,
  entries: readonly StoreEntry[],
): {counts: Map<RecordKind, number>; bad: BadRecord[]} {
  const counts = new Map<RecordKind, number>()
  const bad: BadRecord[] = []
  for (const entry of entries) {
    const kind = kindOf(entry.key)
    const read = kind?.collection(catalog).readAll([entry])
    if (kind === undefined || read === undefined) bad.push({key: entry.key, why: unknownKind})
    else if (read.bad[0] !== undefined) bad.push(read.bad[0])
    else counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return {counts, bad}
}
