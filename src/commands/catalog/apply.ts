import {confirm, yesFlag} from '../../app/confirm.js'
import {platformInUse} from '../../app/platform.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {applyPlatform, type CatalogPlanReport} from '../../lifecycle/platform/apply.js'
import {catalogAppliedView, catalogPlanView} from '../../terminal/catalog-plan-view.js'

export default class CatalogApply extends YardCommand {
  static override changes = true
  static override summary = 'make the catalog follow the platform file'

  static override description =
    'Shows what "yard catalog diff" shows, then does it: adds and changes what yard.yaml declares, and removes what an earlier yard.yaml declared. A host with instances is not removed, and nothing else is done then. Run it again after an interruption: it goes on where it was.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
  ]

  static override flags = {'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<CatalogPlanReport> {
    const {flags} = await this.parse(CatalogApply)
    const yard = await this.yard()
    const platform = await platformInUse(yard, 'apply the platform file')
    const needs = {
      catalog: await yard.catalog(),
      report: yard.report,
      onPlan: (plan: CatalogPlanReport) => this.print(catalogPlanView(plan)),
      confirm: (question: {purpose: string; consequence: string; name: string}) =>
        confirm({...question, isConfirmed: flags.yes}),
    }
    const report = await applyPlatform(needs, {platform, dryRun: flags['dry-run']})
    this.print(catalogAppliedView(report))
    return report
  }
}
