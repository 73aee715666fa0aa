import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {serviceMeant} from '../../app/deploy-meant.js'
import {declaredEnvironments, hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {closeService, type MaintenanceReport} from '../../lifecycle/maintenance/change.js'
import {maintenanceView} from '../../terminal/maintenance-view.js'

export default class MaintenanceOn extends YardCommand {
  static override changes = true
  static override summary = 'close a service to its callers'

  static override description =
    'HAProxy answers every request to the service with 503 and the message, within moments and on every host; its instances go on running and get nothing. "yard maintenance off" opens it again.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --message "back at nine" --env staging',
    '<%= config.bin %> <%= command.id %> billing --message "back at nine"',
    '<%= config.bin %> <%= command.id %> billing --env staging --dry-run',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a service; the one in this directory without it',
    }),
  }

  static override flags = {
    env: envFlag,
    message: Flags.string({
      default: 'closed for maintenance',
      helpValue: 'TEXT',
      summary: 'what callers read',
    }),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<MaintenanceReport> {
    const {args, flags} = await this.parse(MaintenanceOn)
    const yard = await this.yard()
    const report = await closeService(await hostNeeds(yard, flags.yes), {
      environment: flags.env,
      service: await serviceMeant(yard, args.service, 'close a service'),
      message: flags.message,
      declaredEnvironments: await declaredEnvironments(yard),
      dryRun: flags['dry-run'],
    })
    this.print(maintenanceView(report))
    return report
  }
}
