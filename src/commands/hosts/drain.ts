import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {declaredEnvironments, hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {drainHost, type DrainReport} from '../../lifecycle/hosts/drain.js'
import {hostDrainView} from '../../terminal/hosts-view.js'

export default class HostsDrain extends YardCommand {
  static override changes = true
  static override summary = 'take a host out of the traffic'

  static override description =
    'The instances of the host finish the requests they have and get no new ones; they go on running, and deploys still renew them. HAProxy follows within moments. "yard hosts enable" gives the traffic back.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> web-1 --env staging',
    '<%= config.bin %> <%= command.id %> web-1 --env staging --dry-run',
  ]

  static override args = {
    host: Args.string({ignoreStdin: true, description: 'name of a host', required: true}),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<DrainReport> {
    const {args, flags} = await this.parse(HostsDrain)
    const yard = await this.yard()
    const report = await drainHost(await hostNeeds(yard, flags.yes), {
      environment: flags.env,
      host: args.host,
      declaredEnvironments: await declaredEnvironments(yard),
      dryRun: flags['dry-run'],
    })
    this.print(hostDrainView(report))
    return report
  }
}
