import {platformInUse} from '../../app/platform.js'
import {YardCommand} from '../../app/yard-command.js'
import {type CatalogPlanReport, diffCatalog} from '../../lifecycle/platform/apply.js'
import {catalogPlanView} from '../../terminal/catalog-plan-view.js'

export default class CatalogDiff extends YardCommand {
  static override summary = 'compare the platform file with the catalog'

  static override description =
    'Shows which environments and hosts that yard.yaml declares the catalog lacks or has otherwise, and which it has from an earlier yard.yaml. What was added by hand is left alone. "yard catalog apply" makes the catalog follow.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<CatalogPlanReport> {
    await this.parse(CatalogDiff)
    const yard = await this.yard()
    const platform = await platformInUse(yard, 'compare the platform file with the catalog')
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const report = await diffCatalog(needs, {platform})
    this.print(catalogPlanView(report))
    return report
  }
}
