import {type Report} from '../contracts/report.js'
import {printable} from '../domain/names.js'
import {type BadRecord} from './collection.js'

/** Names the records that were left out of an answer, so that nobody takes it for the whole. */
export function reportBad(report: Report, bad: readonly BadRecord[]): void {
  for (const {key, why} of bad) {
    report({
      kind: 'warning',
      text: `skipped the catalog record ${printable(key)}, which can't be trusted: ${why}`,
    })
  }
}
