import {Flags} from '@oclif/core'

import {statusOfSidecars} from '../../app/sidecar-questions.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type SidecarStatusReport} from '../../lifecycle/sidecar/status.js'
import {sidecarStatusView} from '../../terminal/sidecar-view.js'

export default class SidecarStatus extends YardCommand {
  static override summary = 'show whether each host follows the catalog'

  static override description =
    'Shows for each host of an environment which revision of the catalog its HAProxy follows, which is wanted, and what keeps it from that. Ends with 1 when a host lags for more than 30 s, holds back a loss that looks like a mistake, or nobody keeps it right. A revision counts every change of the catalog, so one that is applied may be above the one that is wanted. With --here the sidecar of this machine is asked itself, which takes no catalog.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging',
    '<%= config.bin %> <%= command.id %> --env staging --json',
    '<%= config.bin %> <%= command.id %> --env staging --here',
  ]

  static override flags = {
    env: envFlag,
    here: Flags.boolean({summary: 'ask the sidecar of this machine'}),
    'door-port': Flags.integer({
      min: 1,
      max: 65_535,
      dependsOn: ['here'],
      helpValue: 'PORT',
      summary: 'where it answers (7072, beside a router on port 7070)',
    }),
  }

  async run(): Promise<SidecarStatusReport> {
    const {flags} = await this.parse(SidecarStatus)
    const report = await statusOfSidecars(await this.yard(), {
      environment: flags.env,
      isHere: flags.here,
      doorPort: flags['door-port'],
    })
    this.print(sidecarStatusView(report))
    if (!report.isWell) this.endWith(1)
    return report
  }
}
