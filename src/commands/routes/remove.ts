import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {declaredEnvironments, hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {type RouteReport} from '../../lifecycle/routes/add.js'
import {removeRoute} from '../../lifecycle/routes/remove.js'
import {routeView} from '../../terminal/routes-view.js'

export default class RoutesRemove extends YardCommand {
  static override changes = true
  static override summary = 'have a public name lead nowhere any more'

  static override description =
    'Hosts that face the outside answer 404 for the name from then on. The service and its other names stay as they are.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> shop.example.org --env staging',
    '<%= config.bin %> <%= command.id %> shop.example.org/api --env staging --dry-run',
  ]

  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: 'the public name, with its path if it has one',
      required: true,
    }),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<RouteReport> {
    const {args, flags} = await this.parse(RoutesRemove)
    const yard = await this.yard()
    const report = await removeRoute(await hostNeeds(yard, flags.yes), {
      environment: flags.env,
      publicName: args.name,
      declaredEnvironments: await declaredEnvironments(yard),
      dryRun: flags['dry-run'],
    })
    this.print(routeView(report))
    return report
  }
}
