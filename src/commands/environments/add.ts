import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {addEnvironment, type AddEnvironmentReport} from '../../lifecycle/environments/add.js'
import {environmentAddedView} from '../../terminal/environments-view.js'

export default class EnvironmentsAdd extends YardCommand {
  static override changes = true
  static override summary = 'add an environment'

  static override description =
    'Makes an environment of machines that are added with "yard hosts add". Again with other values is an update, shown as a diff; what is not given stays as it is. Environments may be declared in yard.yaml instead.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> staging --order 1',
    '<%= config.bin %> <%= command.id %> production --order 2 --protected --dry-run',
  ]

  static override args = {
    environment: Args.string({
      ignoreStdin: true,
      description: 'name of the environment',
      required: true,
    }),
  }

  static override flags = {
    order: Flags.integer({helpValue: 'NUMBER', min: 0, summary: 'place among the environments'}),
    protected: Flags.boolean({allowNo: true, summary: 'changes there must be confirmed'}),
    personal: Flags.boolean({allowNo: true, summary: 'belongs to the person who makes it'}),
    header: Flags.string({helpValue: 'NAME', summary: 'header that names the service of a request'}),
    port: Flags.integer({helpValue: 'PORT', summary: 'where HAProxy listens on its hosts'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<AddEnvironmentReport> {
    const {args, flags} = await this.parse(EnvironmentsAdd)
    const yard = await this.yard()
    const report = await addEnvironment(await hostNeeds(yard, flags.yes), {
      environment: args.environment,
      order: flags.order,
      protected: flags.protected,
      personal: flags.personal,
      header: flags.header,
      port: flags.port,
      dryRun: flags['dry-run'],
    })
    this.print(environmentAddedView(report))
    return report
  }
}
