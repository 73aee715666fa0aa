import {Args} from '@oclif/core'

import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type ServiceShowReport, showService} from '../../lifecycle/services-show.js'
import {serviceView} from '../../terminal/services-view.js'

export default class ServicesShow extends YardCommand {
  static override summary = 'show one service'

  static override description =
    'Shows what the catalog knows of a service: its processes, its health check, how to reach it, its instances in the environment and its last deploys.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello',
    '<%= config.bin %> <%= command.id %> hello --json',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a registered service', required: true}),
  }

  static override flags = {env: envFlag}

  async run(): Promise<ServiceShowReport> {
    const {args, flags} = await this.parse(ServicesShow)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const report = await showService(needs, {environment: flags.env, service: args.service})
    this.print(serviceView(report, yard.clock.now()))
    return report
  }
}
