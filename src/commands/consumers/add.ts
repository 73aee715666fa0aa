import {Args, Flags} from '@oclif/core'

import {recipientsOf} from '../../app/recipients.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {addConsumer, type ConsumerAddReport} from '../../lifecycle/consumers/add.js'
import {consumerAddView} from '../../terminal/consumers-view.js'

export default class ConsumersAdd extends YardCommand {
  static override changes = true
  static override summary = 'let a service call another'

  static override description =
    "Gives the pair a token of its own, sealed in the catalog and never shown. The caller's next deploy finds it in a variable such as YARD_TOKEN_IDENTITY, after the service that it calls. Again keeps the token; --rotate makes a new one."

  static override examples = [
    '<%= config.bin %> <%= command.id %> billing --of identity',
    '<%= config.bin %> <%= command.id %> billing --of identity --rotate --dry-run',
  ]

  static override args = {
    consumer: Args.string({ignoreStdin: true, description: 'the service that calls', required: true}),
  }

  static override flags = {
    of: Flags.string({helpValue: 'SERVICE', required: true, summary: 'the service that is called'}),
    rotate: Flags.boolean({summary: 'give a pair that exists a new token'}),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ConsumerAddReport> {
    const {args, flags} = await this.parse(ConsumersAdd)
    const yard = await this.yard()
    const needs = {
      catalog: await yard.catalog(),
      clock: yard.clock,
      secrets: await yard.secrets(),
      recipients: () => recipientsOf(yard),
      actor: yard.actor,
    }
    const {of, rotate} = flags
    const report = await addConsumer(needs, {consumer: args.consumer, of, rotate, dryRun: flags['dry-run']})
    this.print(consumerAddView(report))
    return report
  }
}
