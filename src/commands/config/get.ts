import {Args, Flags} from '@oclif/core'

import {configReading} from '../../app/config-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {parseVariableNames} from '../../domain/config-assignment.js'
import {type ConfigGetReport, getConfig} from '../../lifecycle/config/get.js'
import {oneName, splitWords} from '../../lifecycle/config/target.js'
import {configGetView} from '../../terminal/config-view.js'

export default class ConfigGet extends YardCommand {
  static override summary = 'show one variable of a service'

  static override description =
    'Prints the value that the next release of the service gets, and nothing else. A secret is shown only with --reveal, by whoever has an identity that opens it.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello LOG_LEVEL --env local',
    '<%= config.bin %> <%= command.id %> --shared LOG_LEVEL --env local',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; none with --shared',
    }),
    variable: Args.string({ignoreStdin: true, description: 'name of the variable'}),
  }

  static override flags = {
    env: envFlag,
    shared: Flags.boolean({summary: 'what all services of the environment share'}),
    reveal: Flags.boolean({summary: 'open a secret and print it'}),
  }

  async run(): Promise<ConfigGetReport> {
    const {args, flags} = await this.parse(ConfigGet)
    const words = [args.service, args.variable].filter((word) => word !== undefined)
    const {rest, service} = splitWords(words, flags.shared, 'yard config get billing LOG_LEVEL')
    const name = oneName(parseVariableNames(rest))
    const yard = await this.yard()
    const {needs, request} = await configReading(yard, flags.env, service)
    const report = await getConfig(
      {...needs, box: () => yard.secrets()},
      {...request, name, reveal: flags.reveal},
    )
    this.print(configGetView(report))
    return report
  }
}
