import {YardCommand} from '../../app/yard-command.js'
import {type CatalogShowReport, showCatalog} from '../../lifecycle/catalog/show.js'
import {catalogShowView} from '../../terminal/catalog-view.js'

export default class CatalogShow extends YardCommand {
  static override summary = 'show which catalog is in use, how it is, and what it holds'

  static override description =
    'Names the store and its revision, the platform file in use, the health of each part of the store, how many records there are of each kind, and those that can not be trusted.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<CatalogShowReport> {
    await this.parse(CatalogShow)
    const yard = await this.yard()
    const {kind} = await yard.catalogLocation()
    const platform = await yard.platform()
    const request = {store: kind, platformFile: platform?.file}
    const report = await showCatalog({catalog: await yard.catalog()}, request)
    this.print(catalogShowView(report))
    return report
  }
}
