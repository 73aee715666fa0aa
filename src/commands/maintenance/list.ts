import {declaredEnvironments} from '../../app/host-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {listMaintenances, type MaintenancesReport} from '../../lifecycle/maintenance/list.js'
import {maintenancesView} from '../../terminal/maintenance-view.js'

export default class MaintenanceList extends YardCommand {
  static override summary = 'list the services that are closed'

  static override description =
    'Shows which services are closed, since when, by whom, and what their callers read.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --env staging',
  ]

  static override flags = {env: envFlag}

  async run(): Promise<MaintenancesReport> {
    const {flags} = await this.parse(MaintenanceList)
    const yard = await this.yard()
    const report = await listMaintenances(
      {catalog: await yard.catalog(), report: yard.report},
      {environment: flags.env, declaredEnvironments: await declaredEnvironments(yard)},
    )
    this.print(maintenancesView(report, yard.clock.now()))
    return report
  }
}
