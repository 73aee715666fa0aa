import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {declaredEnvironments, hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {enableHost, type DrainReport} from '../../lifecycle/hosts/drain.js'
import {hostDrainView} from '../../terminal/hosts-view.js'

export default class HostsEnable extends YardCommand {
  static override changes = true
  static override summary = 'give a drained host its traffic back'

  static override description =
    'Ends what "yard hosts drain" began: the instances of the host get requests again.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> web-1 --env staging',
    '<%= config.bin %> <%= command.id %> web-1 --env staging --dry-run',
  ]

  static override args = {
    host: Args.string({ignoreStdin: true, description: 'name of a host', required: true}),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<DrainReport> {
    const {args, flags} = await this.parse(HostsEnable)
    const yard = await this.yard()
    const report = await enableHost(await hostNeeds(yard, flags.yes), {
      environment: flags.env,
      host: args.host,
      declaredEnvironments: await declaredEnvironments(yard),
      dryRun: flags['dry-run'],
    })
    this.print(hostDrainView(report))
    return report
  }
}
