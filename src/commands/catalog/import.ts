import {Args, Flags} from '@oclif/core'

import {confirm, yesFlag} from '../../app/confirm.js'
import {readInput} from '../../app/read-input.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {type CatalogImportReport, importCatalog} from '../../lifecycle/catalog/import.js'
import {maxImportBytes} from '../../lifecycle/catalog/import-file.js'
import {catalogImportView} from '../../terminal/catalog-view.js'

export default class CatalogImport extends YardCommand {
  static override changes = true
  static override summary = 'make the catalog hold what an export says'

  static override description = `Adds and changes records; with --prune also removes those that the file doesn't have, which asks first. All records
are checked before the first is written, and each is written only if nobody changed it meanwhile. After a failure, run
it again: it goes on where it stopped.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> catalog.json --dry-run',
    'yard catalog export | <%= config.bin %> <%= command.id %> - --prune --dry-run',
  ]

  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description: 'an export, or - for what is piped in',
      required: true,
    }),
  }

  static override flags = {
    prune: Flags.boolean({summary: 'also remove records that the file does not have'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<CatalogImportReport> {
    const {args, flags} = await this.parse(CatalogImport)
    const yard = await this.yard()
    const catalog = await yard.catalog()
    const needs = {
      catalog,
      report: yard.report,
      signal: yard.signal,
      confirm: (removed: number) =>
        confirm({
          purpose: `remove ${removed} records`,
          consequence: `${removed} records of ${catalog.store.url} are not in the file and would be removed`,
          name: 'remove',
          isConfirmed: flags.yes,
        }),
    }
    const text = await readInput(yard, args.file, maxImportBytes)
    const request = {file: args.file, text, prune: flags.prune, dryRun: flags['dry-run']}
    const report = await importCatalog(needs, request)
    this.print(catalogImportView(report))
    return report
  }
}
