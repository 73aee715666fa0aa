import {environmentNeeds} from '../app/local-environment.js'
import {envFlag, YardCommand} from '../app/yard-command.js'
import {down, type DownReport} from '../lifecycle/down.js'
import {downView} from '../terminal/up-view.js'

export default class Down extends YardCommand {
  static override summary = 'stop the local environment'

  static override description =
    'Ends HAProxy, all instances and the supervisor on this machine, also those that a killed supervisor left running. The catalog keeps what is wanted: the next "yard up" brings it back.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  static override changes = true

  static override flags = {env: envFlag}

  async run(): Promise<DownReport> {
    const {flags} = await this.parse(Down)
    const {environment, needs} = await environmentNeeds(await this.yard(), flags.env)
    const report = await down(needs, {environment: environment.name})
    this.print(downView(report))
    return report
  }
}
