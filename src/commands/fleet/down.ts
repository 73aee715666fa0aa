import {Flags} from '@oclif/core'

import {fleetNeeds} from '../../app/fleet-needs.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {fleetDown, type FleetDownReport} from '../../lifecycle/fleet/down.js'
import {fleetDownView} from '../../terminal/fleet-view.js'

export default class FleetDown extends YardCommand {
  static override changes = true
  static override summary = 'end the practice fleet of this machine'

  static override description =
    'Ends every host of the practice fleet with its disk, and all that was made for them on this machine. The catalog forgets the hosts with what was deployed to them, and the environment, unless variables, public names or other hosts are left there.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --keep-records',
    '<%= config.bin %> <%= command.id %> --dry-run',
  ]

  static override flags = {
    'keep-records': Flags.boolean({
      default: false,
      summary: 'leave in the catalog what was deployed there, and the hosts it ran on',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<FleetDownReport> {
    const {flags} = await this.parse(FleetDown)
    const report = await fleetDown(await fleetNeeds(await this.yard()), {
      keepRecords: flags['keep-records'],
      dryRun: flags['dry-run'],
    })
    this.print(fleetDownView(report))
    return report
  }
}
