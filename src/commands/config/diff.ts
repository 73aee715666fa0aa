import {Args, Flags} from '@oclif/core'

import {YardCommand} from '../../app/yard-command.js'
import {type ConfigDiffReport, diffConfig} from '../../lifecycle/config/diff.js'
import {splitWords} from '../../lifecycle/config/target.js'
import {configDiffView} from '../../terminal/config-view.js'

export default class ConfigDiff extends YardCommand {
  static override summary = 'compare the variables of a service in two environments'

  static override description =
    'Shows the variables that differ or that only one of the environments has. Sealed text is different each time, so of secrets only their names and ages are shown.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello --from local --to local',
    '<%= config.bin %> <%= command.id %> --shared --from local --to local --json',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; none with --shared',
    }),
  }

  static override flags = {
    from: Flags.string({helpValue: 'NAME', required: true, summary: 'environment to start from'}),
    to: Flags.string({helpValue: 'NAME', required: true, summary: 'environment to compare it with'}),
    shared: Flags.boolean({summary: 'what all services of the environments share'}),
  }

  async run(): Promise<ConfigDiffReport> {
    const {args, flags} = await this.parse(ConfigDiff)
    const {from, shared, to} = flags
    const words = args.service === undefined ? [] : [args.service]
    const {service} = splitWords(words, shared, 'yard config diff billing --from staging --to production')
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const report = await diffConfig(needs, {service, from, to})
    this.print(configDiffView(report, yard.clock.now()))
    return report
  }
}
