import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {instanceNeeds} from '../../app/instance-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {changeInstance, type InstanceChangeReport} from '../../lifecycle/instances/change.js'
import {instanceChangeView} from '../../terminal/instances-view.js'

export default class InstancesEnable extends YardCommand {
  static override changes = true
  static override summary = 'give an instance traffic again'

  static override description =
    "Takes back what disable or drain did. The instance gets requests as soon as it passes a health check. What a deploy is starting or ending can't be enabled."

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello-r4@localhost --yes',
    '<%= config.bin %> <%= command.id %> hello-r4@localhost --env local --dry-run',
  ]

  static override args = {
    instance: Args.string({ignoreStdin: true, description: 'id of the instance', required: true}),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<InstanceChangeReport> {
    const {args, flags} = await this.parse(InstancesEnable)
    const needs = await instanceNeeds(await this.yard(), flags.yes)
    const report = await changeInstance(needs, {
      environment: flags.env,
      instance: args.instance,
      action: {kind: 'enable'},
      dryRun: flags['dry-run'],
    })
    this.print(instanceChangeView(report))
    return report
  }
}
