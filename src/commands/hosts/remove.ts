import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {removeHostNeeds} from '../../app/remove-host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {removeHost, type RemoveHostReport} from '../../lifecycle/hosts/remove.js'
import {hostRemovedView} from '../../terminal/hosts-view.js'

export default class HostsRemove extends YardCommand {
  static override changes = true
  static override summary = 'remove a host from an environment'

  static override description =
    'Removes a machine on which nothing runs. With --drain its instances first get no new requests, finish what they have, and are ended; what does not end in time is named, and the host stays, drained. Those of a machine that does not answer are only forgotten, and a warning names them.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> web-9 --env staging --dry-run',
    '<%= config.bin %> <%= command.id %> web-9 --env staging --drain',
  ]

  static override args = {
    host: Args.string({ignoreStdin: true, description: 'name of a host', required: true}),
  }

  static override flags = {
    env: envFlag,
    drain: Flags.boolean({summary: 'end what runs there first'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<RemoveHostReport> {
    const {args, flags} = await this.parse(HostsRemove)
    const yard = await this.yard()
    const report = await removeHost(await removeHostNeeds(yard, flags.yes), {
      environment: flags.env,
      host: args.host,
      drain: flags.drain,
      platform: await yard.platform(),
      dryRun: flags['dry-run'],
    })
    this.print(hostRemovedView(report))
    return report
  }
}
