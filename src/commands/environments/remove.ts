import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {removeEnvironment, type RemoveEnvironmentReport} from '../../lifecycle/environments/remove.js'
import {environmentRemovedView} from '../../terminal/environments-view.js'

export default class EnvironmentsRemove extends YardCommand {
  static override changes = true
  static override summary = 'remove an environment'

  static override description =
    'Removes an environment that has no hosts, no instances and no variables any more. Its history of deploys stays in the catalog.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> review --dry-run',
    '<%= config.bin %> <%= command.id %> review',
  ]

  static override args = {
    environment: Args.string({ignoreStdin: true, description: 'name of an environment', required: true}),
  }

  static override flags = {'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<RemoveEnvironmentReport> {
    const {args, flags} = await this.parse(EnvironmentsRemove)
    const yard = await this.yard()
    const report = await removeEnvironment(await hostNeeds(yard, flags.yes), {
      environment: args.environment,
      platform: await yard.platform(),
      dryRun: flags['dry-run'],
    })
    this.print(environmentRemovedView(report))
    return report
  }
}
