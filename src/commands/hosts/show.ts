import {Args} from '@oclif/core'

import {declaredEnvironments} from '../../app/host-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type HostReport, showHost} from '../../lifecycle/hosts/list.js'
import {hostView} from '../../terminal/hosts-view.js'

export default class HostsShow extends YardCommand {
  static override summary = 'show one host'

  static override description =
    'Shows a machine of an environment: where it is, what runs there, who looks after it, and since when it is drained.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> web-1 --env staging',
    '<%= config.bin %> <%= command.id %> localhost --json',
  ]

  static override args = {
    host: Args.string({ignoreStdin: true, description: 'name of a host', required: true}),
  }

  static override flags = {env: envFlag}

  async run(): Promise<HostReport> {
    const {args, flags} = await this.parse(HostsShow)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const report = await showHost(needs, {
      environment: flags.env,
      host: args.host,
      declaredEnvironments: await declaredEnvironments(yard),
    })
    this.print(hostView(report, yard.clock.now()))
    return report
  }
}
