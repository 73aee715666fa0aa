import {type Catalog} from '../../catalog/catalog.js'
import {type BadRecord} from '../../catalog/collection.js'
import {catalogRoot} from '../../catalog/keys.js'
import {kindOf, unknownKind} from '../../catalog/record-kinds.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Report} from '../../contracts/report.js'
import {type StoreEntry} from '../../contracts/store.js'
import {withSortedKeys} from '../../domain/canonical-json.js'
import {
  type CatalogExport,
  type ExportedRecord,
  exportFormat,
  exportVersion,
} from '../../domain/catalog-export.js'

export interface CatalogExportNeeds {
  catalog: Catalog
  report: Report
}

/**
 * Everything that moves to another store, at one revision. The same records give the same text on every store. Records
 * that can't be trusted are reported and left out.
 */
export async function exportCatalog({catalog, report}: CatalogExportNeeds): Promise<CatalogExport> {
  const {entries} = await catalog.store.range(catalogRoot)
  const records: ExportedRecord[] = []
  const bad: BadRecord[] = []
  for (const entry of entries) {
    const read = readMoving(catalog, entry)
    if (read === undefined) continue
    if ('why' in read) bad.push(read)
    else records.push({key: entry.key, record: withSortedKeys(read.record)})
  }
  reportBad(report, bad)
  return {format: exportFormat, records, version: exportVersion}
}

/** The record of an entry that moves to another store; undefined for what doesn't, such as everything under a lease. */
export function readMoving(catalog: Catalog, entry: StoreEntry): {record: unknown} | BadRecord | undefined {
  const kind = kindOf(entry.key)
  if (kind === undefined) return {key: entry.key, why: unknownKind}
  if (!kind.isExported || entry.lease !== undefined) return undefined
  const {records, bad} = kind.collection(catalog).readAll([entry])
  return records[0] ?? bad[0]
}
