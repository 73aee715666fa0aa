import {Args} from '@oclif/core'

import {lockIdentity} from '../app/lock-identity.js'
import {envFlag, YardCommand} from '../app/yard-command.js'
import {status, type StatusReport} from '../lifecycle/status.js'
import {statusView} from '../terminal/status-view.js'

export default class Status extends YardCommand {
  static override summary = 'show what runs where'

  static override description =
    'Shows every instance in an environment: its release and commit, whether it is healthy, since when it runs and how often it was restarted; and who deploys at the moment.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hello --env local --json',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a registered service; all without it'}),
  }

  static override flags = {env: envFlag}

  async run(): Promise<StatusReport> {
    const {args, flags} = await this.parse(Status)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), clock: yard.clock, identity: lockIdentity(yard)}
    const request = {environment: flags.env, ...(args.service !== undefined && {service: args.service})}
    const report = await status(needs, request)
    this.print(statusView(report))
    return report
  }
}
