import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {declaredEnvironments, hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {addRoute, type RouteReport} from '../../lifecycle/routes/add.js'
import {routeView} from '../../terminal/routes-view.js'

export default class RoutesAdd extends YardCommand {
  static override changes = true
  static override summary = 'have a public name lead to a service'

  static override description =
    'Hosts that face the outside send the requests for this name, and below its path if it has one, to the service. The longest path wins. A name in another script becomes the punycode that browsers send.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> billing --public billing.example.org --env staging',
    '<%= config.bin %> <%= command.id %> billing --public example.org --path /billing --env staging --dry-run',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a service', required: true}),
  }

  static override flags = {
    env: envFlag,
    public: Flags.string({
      helpValue: 'HOST[/PATH]',
      required: true,
      summary: 'what callers type: billing.example.org',
    }),
    path: Flags.string({helpValue: '/PATH', summary: 'only what is below it'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<RouteReport> {
    const {args, flags} = await this.parse(RoutesAdd)
    const yard = await this.yard()
    const report = await addRoute(await hostNeeds(yard, flags.yes), {
      environment: flags.env,
      service: args.service,
      publicName: flags.public,
      path: flags.path,
      declaredEnvironments: await declaredEnvironments(yard),
      dryRun: flags['dry-run'],
    })
    this.print(routeView(report))
    return report
  }
}
