import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {serviceMeant} from '../../app/deploy-meant.js'
import {declaredEnvironments, hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {type MaintenanceReport, openService} from '../../lifecycle/maintenance/change.js'
import {maintenanceView} from '../../terminal/maintenance-view.js'

export default class MaintenanceOff extends YardCommand {
  static override changes = true
  static override summary = 'open a service that was closed'

  static override description =
    'Requests go to the instances of the service again, within moments and on every host.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> billing',
    '<%= config.bin %> <%= command.id %> billing --env staging --dry-run',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a service; the one in this directory without it',
    }),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<MaintenanceReport> {
    const {args, flags} = await this.parse(MaintenanceOff)
    const yard = await this.yard()
    const report = await openService(await hostNeeds(yard, flags.yes), {
      environment: flags.env,
      service: await serviceMeant(yard, args.service, 'open a service'),
      declaredEnvironments: await declaredEnvironments(yard),
      dryRun: flags['dry-run'],
    })
    this.print(maintenanceView(report))
    return report
  }
}
