import {Args} from '@oclif/core'

import {rolloutNeeds} from '../app/deploy-needs.js'
import {envFlag, YardCommand} from '../app/yard-command.js'
import {exitCodes} from '../errors.js'
import {listProcesses, type ProcessListReport} from '../lifecycle/processes/list.js'
import {processesView} from '../terminal/ps-view.js'

export default class Ps extends YardCommand {
  static override summary = 'show the processes of instances as they are on the hosts now'

  static override description =
    "Asks every host itself, all at the same time: what runs, since when, how often it was started again, on which port, how much memory it takes, and whether it gets requests. A host that can't be asked has one row, and the command ends with 1."

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hello --env local --json',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a registered service; all without it'}),
  }

  static override flags = {env: envFlag}

  async run(): Promise<ProcessListReport> {
    const {args, flags} = await this.parse(Ps)
    const yard = await this.yard()
    const request = {environment: flags.env, service: args.service}
    const report = await listProcesses(await rolloutNeeds(yard, false), request)
    this.print(processesView(report))
    if (report.unasked.length > 0) this.endWith(exitCodes.stepFailed)
    return report
  }
}
