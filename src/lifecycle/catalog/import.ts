import {kindOf} from '../../catalog/record-kinds.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type Report} from '../../contracts/report.js'
import {readImportFile} from './import-file.js'
import {type ImportChange, type PlannedChange, planImport} from './import-plan.js'
import {type WriteBatchesNeeds, writeBatches} from './write-batches.js'

export interface CatalogImportNeeds extends WriteBatchesNeeds {
  report: Report
  /** Returns once a person agreed to the removal of so many records. @throws YardError E_NOT_CONFIRMED */
  confirm: (removed: number) => Promise<void>
}

export interface CatalogImportRequest {
  /** What the text is called in messages. */
  file: string
  text: string
  /** Also removes what the file doesn't have. */
  prune: boolean
  dryRun: boolean
}

export interface CatalogImportReport {
  dryRun: boolean
  /** What was done, or would be, in its order. */
  changes: ImportChange[]
  unchanged: number
}

/**
 * Makes the catalog hold the records of an export. Nothing is written unless all of them are valid; each is written
 * only if it is still as it was when the plan was made. Run again after a failure, it goes on where it stopped.
 * @throws YardError E_IMPORT_FILE, E_NOT_CONFIRMED, E_CONFLICT naming the record, E_INTERRUPTED
 */
export async function importCatalog(
  needs: CatalogImportNeeds,
  request: CatalogImportRequest,
): Promise<CatalogImportReport> {
  const records = readImportFile(needs.catalog, request.file, request.text)
  const plan = await planImport(needs.catalog, records, request.prune)
  reportBad(needs.report, plan.bad)
  const report = {
    dryRun: request.dryRun,
    changes: plan.changes.map(({change}) => change),
    unchanged: plan.unchanged,
  }
  if (request.dryRun) return report
  const removed = plan.changes.filter(({change}) => change.action === 'remove').length
  if (removed > 0) await needs.confirm(removed)
  for (const group of byKind(plan.changes)) await writeBatches(needs, group)
  return report
}

/** Each kind is complete before the next begins, so that nothing ever names what isn't there yet. */
function byKind(changes: readonly PlannedChange[]): PlannedChange[][] {
  const groups = new Map<string, PlannedChange[]>()
  for (const planned of changes) {
    const {action, key} = planned.change
    const name = `${action === 'remove' ? 'remove' : 'write'} ${kindOf(key)?.name ?? ''}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [planned])
    else group.push(planned)
  }
  return [...groups.values()]
}
