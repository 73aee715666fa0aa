import {YardCommand} from '../../app/yard-command.js'
import {type CatalogExport} from '../../domain/catalog-export.js'
import {exportCatalog} from '../../lifecycle/catalog/export.js'
import {exportText} from '../../terminal/catalog-view.js'

export default class CatalogExportCommand extends YardCommand {
  static override summary = 'write the whole catalog as text'

  static override description = `Writes JSON to the standard output, sorted so that it can be kept in git: the same records give the same bytes on
every store. Secrets are in it as they are kept, sealed. Left out are locks, what supervisors observe, the tokens of
"yard serve" and the audit, which belong to this store, and records that can't be trusted, which are named on stderr.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> > catalog.json',
    '<%= config.bin %> <%= command.id %> | yard catalog import - --dry-run',
  ]

  async run(): Promise<CatalogExport> {
    await this.parse(CatalogExportCommand)
    const yard = await this.yard()
    const exported = await exportCatalog({catalog: await yard.catalog(), report: yard.report})
    this.print(exportText(exported))
    return exported
  }
}
