import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type ListedService, listServices} from '../../lifecycle/services-list.js'
import {servicesListView} from '../../terminal/services-view.js'

export default class ServicesList extends YardCommand {
  static override summary = 'list the registered services'

  static override description =
    'Shows every service in the catalog with its owner, the release that has its traffic in the environment, since when, and whether it is up.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --env local --json',
  ]

  static override flags = {env: envFlag}

  async run(): Promise<ListedService[]> {
    const {flags} = await this.parse(ServicesList)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const report = await listServices(needs, {environment: flags.env})
    this.print(() => servicesListView(report, yard.clock.now()))
    return report.services
  }
}
