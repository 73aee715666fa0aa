import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {reportBad} from '../../catalog/report-bad.js'
import {type DocumentParser} from '../../contracts/documents.js'
import {type Report} from '../../contracts/report.js'
import {componentOf} from '../../domain/backstage.js'

export interface ServicesExportNeeds {
  catalog: Catalog
  documents: DocumentParser
  report: Report
}

export interface ServicesExportReport {
  components: object[]
  /** The same as documents of YAML. */
  text: string
}

/** The services as Components of a Backstage catalog. Records that can't be trusted are reported and left out. */
export async function exportServices({
  catalog,
  documents,
  report,
}: ServicesExportNeeds): Promise<ServicesExportReport> {
  const {bad, records} = await catalog.services.list(keys.services)
  reportBad(report, bad)
  const components = records.map(({record}) => componentOf(record))
  return {components, text: documents.printAll(components)}
}
