import {Args, Flags} from '@oclif/core'

import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {type ConsumerRemoveReport, removeConsumer} from '../../lifecycle/consumers/remove.js'
import {consumerRemoveView} from '../../terminal/consumers-view.js'

export default class ConsumersRemove extends YardCommand {
  static override changes = true
  static override summary = 'take back that a service may call another'

  static override description =
    "Removes the pair and its token from the catalog. The caller's next deploy is made without it."

  static override examples = [
    '<%= config.bin %> <%= command.id %> billing --of identity --dry-run',
    '<%= config.bin %> <%= command.id %> billing --of identity',
  ]

  static override args = {
    consumer: Args.string({ignoreStdin: true, description: 'the service that calls', required: true}),
  }

  static override flags = {
    of: Flags.string({helpValue: 'SERVICE', required: true, summary: 'the service that is called'}),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ConsumerRemoveReport> {
    const {args, flags} = await this.parse(ConsumersRemove)
    const yard = await this.yard()
    const request = {consumer: args.consumer, of: flags.of, dryRun: flags['dry-run']}
    const report = await removeConsumer({catalog: await yard.catalog()}, request)
    this.print(consumerRemoveView(report))
    return report
  }
}
