import {Args} from '@oclif/core'

import {confirm, yesFlag} from '../../app/confirm.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {removeService, type ServiceRemoveReport} from '../../lifecycle/services/remove.js'
import {removalSentence, serviceRemoveView} from '../../terminal/services-moving-view.js'

export default class ServicesRemove extends YardCommand {
  static override changes = true
  static override summary = 'take a service out of the catalog'

  static override description =
    'Refuses while the service has instances in any environment. Its config, its consumer pairs and what is left of its traffic go with it; builds, releases and deploys stay as history. The name has to be typed, or --yes given.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> old-billing --dry-run',
    '<%= config.bin %> <%= command.id %> old-billing --yes',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a registered service', required: true}),
  }

  static override flags = {'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<ServiceRemoveReport> {
    const {args, flags} = await this.parse(ServicesRemove)
    const yard = await this.yard()
    const needs = {
      catalog: await yard.catalog(),
      report: yard.report,
      confirm: (plan: ServiceRemoveReport) =>
        confirm({
          purpose: `remove ${plan.service}`,
          consequence: removalSentence(plan),
          name: plan.service,
          isConfirmed: flags.yes,
        }),
    }
    const report = await removeService(needs, {service: args.service, dryRun: flags['dry-run']})
    this.print(serviceRemoveView(report))
    return report
  }
}
