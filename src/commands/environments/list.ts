import {YardCommand} from '../../app/yard-command.js'
import {type ListedEnvironment, listEnvironments} from '../../lifecycle/environments/list.js'
import {environmentsView} from '../../terminal/environments-view.js'

export default class EnvironmentsList extends YardCommand {
  static override summary = 'list the environments'

  static override description =
    'Lists the environments of the catalog in the order of deploys. The environment local, this machine, is always there.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<ListedEnvironment[]> {
    await this.parse(EnvironmentsList)
    const yard = await this.yard()
    const environments = await listEnvironments({catalog: await yard.catalog(), report: yard.report})
    this.print(environmentsView(environments))
    return environments
  }
}
