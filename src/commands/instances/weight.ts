import {Args} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {instanceNeeds} from '../../app/instance-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {parseWeight} from '../../domain/instance-change.js'
import {changeInstance, type InstanceChangeReport} from '../../lifecycle/instances/change.js'
import {instanceChangeView} from '../../terminal/instances-view.js'

export default class InstancesWeight extends YardCommand {
  static override changes = true
  static override summary = 'change the share of the traffic that an instance gets'

  static override description =
    'Requests are shared out among the instances of a service by weight: one with 10 gets a tenth of what one with 100 gets, one with 0 gets none. Each begins with 100; a deploy begins with 100 again.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello-r4@localhost 10',
    '<%= config.bin %> <%= command.id %> hello-r4@localhost 100 --env local --dry-run',
  ]

  static override args = {
    instance: Args.string({ignoreStdin: true, description: 'id of the instance', required: true}),
    weight: Args.string({ignoreStdin: true, description: 'from 0 to 256', required: true}),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<InstanceChangeReport> {
    const {args, flags} = await this.parse(InstancesWeight)
    const needs = await instanceNeeds(await this.yard(), flags.yes)
    const report = await changeInstance(needs, {
      environment: flags.env,
      instance: args.instance,
      action: {kind: 'weight', weight: parseWeight(args.weight)},
      dryRun: flags['dry-run'],
    })
    this.print(instanceChangeView(report))
    return report
  }
}
