import {fleetHere} from '../../app/fleet-needs.js'
import {YardCommand} from '../../app/yard-command.js'
import {fleetStatus, type FleetStatusReport} from '../../lifecycle/fleet/status.js'
import {fleetStatusView} from '../../terminal/fleet-view.js'

export default class FleetStatus extends YardCommand {
  static override summary = 'show the practice fleet of this machine'

  static override description =
    'Tells of each host whether it runs, where it is reached, what systemd says of itself, and whether "yard host setup" was there.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<FleetStatusReport> {
    await this.parse(FleetStatus)
    const report = await fleetStatus(await fleetHere(await this.yard()))
    this.print(fleetStatusView(report))
    return report
  }
}
