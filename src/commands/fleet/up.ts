import {Flags} from '@oclif/core'

import {fleetNeeds} from '../../app/fleet-needs.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {practiceEnvironmentName} from '../../domain/fleet.js'
import {fleetUp, type FleetUpReport} from '../../lifecycle/fleet/up.js'
import {fleetUpView} from '../../terminal/fleet-view.js'

export default class FleetUp extends YardCommand {
  static override changes = true
  static override summary = 'start a practice fleet of real Debian hosts on this machine'

  static override description =
    'Boots a few small Debian hosts, each with systemd, sshd and HAProxy in a network of its own, and puts them into the catalog as an environment, so that everything yard does on hosts can be tried. They are as bare as new machines: "yard host setup" makes them ready. Needs root and Linux; the first time takes about a minute more, and loads Debian from where YARD_DEBIAN_MIRROR says. Again starts what does not run and mends what was left half done.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --hosts 3',
    '<%= config.bin %> <%= command.id %> --hosts 2 --env practice --dry-run',
  ]

  static override flags = {
    hosts: Flags.integer({
      default: 3,
      helpValue: 'NUMBER',
      summary: 'how many hosts there are to be at least',
    }),
    env: Flags.string({
      char: 'e',
      default: practiceEnvironmentName,
      helpValue: 'NAME',
      summary: 'environment that the hosts are put into',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<FleetUpReport> {
    const {flags} = await this.parse(FleetUp)
    const report = await fleetUp(await fleetNeeds(await this.yard()), {
      environment: flags.env,
      hosts: flags.hosts,
      dryRun: flags['dry-run'],
    })
    this.print(fleetUpView(report))
    return report
  }
}
