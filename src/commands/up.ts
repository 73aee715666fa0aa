import {Flags} from '@oclif/core'

import {superviseHere, upInBackground} from '../app/local-environment.js'
import {envFlag, YardCommand} from '../app/yard-command.js'
import {type UpReport} from '../lifecycle/up.js'
import {supervisedView, upView} from '../terminal/up-view.js'

export default class Up extends YardCommand {
  static override summary = 'start the local environment'

  static override description =
    'Runs HAProxy and every instance that the catalog wants on this machine, starts again what ends by itself, and shows the merged logs until Ctrl-C. With --detach it does so in the background. Instances and HAProxy go on when yard itself is killed; the next "yard up" takes them over.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --detach',
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --detach --port 7171',
  ]

  static override changes = true

  static override flags = {
    env: envFlag,
    detach: Flags.boolean({summary: 'run in the background'}),
    port: Flags.integer({
      min: 1,
      max: 65_535,
      helpValue: 'PORT',
      summary: 'port where services are reached; kept for the next time (7070 at first)',
    }),
    quiet: Flags.boolean({summary: "don't show the logs of the instances", exclusive: ['detach']}),
  }

  async run(): Promise<UpReport> {
    const {flags} = await this.parse(Up)
    const yard = await this.yard()
    const request = {environment: flags.env, port: flags.port}
    if (flags.detach) {
      const report = await upInBackground(yard, request)
      this.print(upView(report))
      return report
    }
    return superviseHere(yard, {...request, showLogs: !flags.quiet && !this.jsonEnabled()}, (report) =>
      this.print(supervisedView(report)),
    )
  }
}
