import {Args, Flags} from '@oclif/core'

import {configReading} from '../../app/config-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type ConfigLine, listConfig} from '../../lifecycle/config/list.js'
import {splitWords} from '../../lifecycle/config/target.js'
import {configListView} from '../../terminal/config-view.js'

export default class ConfigList extends YardCommand {
  static override summary = 'list the variables of a service in an environment'

  static override description =
    'Shows what the next release of the service gets: each variable with where it comes from, who set it and when. Of secrets never the value. What service.yaml sets is among them in the directory of the service.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello --env local',
    '<%= config.bin %> <%= command.id %> --shared --json',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; none with --shared',
    }),
  }

  static override flags = {
    env: envFlag,
    shared: Flags.boolean({summary: 'what all services of the environment share'}),
  }

  async run(): Promise<ConfigLine[]> {
    const {args, flags} = await this.parse(ConfigList)
    const words = args.service === undefined ? [] : [args.service]
    const {service} = splitWords(words, flags.shared, 'yard config list billing')
    const yard = await this.yard()
    const {needs, request} = await configReading(yard, flags.env, service)
    const lines = await listConfig(needs, request)
    this.print(configListView(lines, request, yard.clock.now()))
    return lines
  }
}
