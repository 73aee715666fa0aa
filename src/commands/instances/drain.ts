import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {instanceNeeds} from '../../app/instance-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {changeInstance, type InstanceChangeReport} from '../../lifecycle/instances/change.js'
import {instanceChangeView} from '../../terminal/instances-view.js'

export default class InstancesDrain extends YardCommand {
  static override changes = true
  static override summary = 'let an instance finish what it has'

  static override description =
    'The instance finishes the requests it has, gets no new ones and keeps running until it is enabled again, or a deploy replaces it. When no other instance of the service gets requests, this must be confirmed.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello-r4@localhost --yes',
    '<%= config.bin %> <%= command.id %> hello-r4@localhost --env local --dry-run',
  ]

  static override args = {
    instance: Args.string({ignoreStdin: true, description: 'id of the instance', required: true}),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<InstanceChangeReport> {
    const {args, flags} = await this.parse(InstancesDrain)
    const needs = await instanceNeeds(await this.yard(), flags.yes)
    const report = await changeInstance(needs, {
      environment: flags.env,
      instance: args.instance,
      action: {kind: 'drain'},
      dryRun: flags['dry-run'],
    })
    this.print(instanceChangeView(report))
    return report
  }
}
