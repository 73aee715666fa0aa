import {Args} from '@oclif/core'

import {declaredEnvironments} from '../../app/host-needs.js'
import {YardCommand} from '../../app/yard-command.js'
import {type EnvironmentReport, showEnvironment} from '../../lifecycle/environments/list.js'
import {environmentView} from '../../terminal/environments-view.js'

export default class EnvironmentsShow extends YardCommand {
  static override summary = 'show one environment'

  static override description =
    'Shows how an environment is set up, its hosts, and how many instances and variables it has.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> local',
    '<%= config.bin %> <%= command.id %> staging --json',
  ]

  static override args = {
    environment: Args.string({ignoreStdin: true, description: 'name of an environment', required: true}),
  }

  async run(): Promise<EnvironmentReport> {
    const {args} = await this.parse(EnvironmentsShow)
    const yard = await this.yard()
    const report = await showEnvironment(
      {catalog: await yard.catalog(), report: yard.report},
      {environment: args.environment, declaredEnvironments: await declaredEnvironments(yard)},
    )
    this.print(environmentView(report))
    return report
  }
}
