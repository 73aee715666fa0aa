import {Flags} from '@oclif/core'

import {dryRunFlag, YardCommand} from '../app/yard-command.js'
import {register, type RegisterReport} from '../lifecycle/register.js'
import {registerView} from '../terminal/register-view.js'

export default class Register extends YardCommand {
  static override changes = true
  static override summary = 'put the service in this directory into the catalog'

  static override description =
    'Reads service.yaml and Procfile and stores what they say. Again is an update, shown as a diff. With --init the two files are written first from what is found here, without overwriting any.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --init --dry-run',
  ]

  static override flags = {
    init: Flags.boolean({summary: 'write the Procfile and the service.yaml that are missing'}),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<RegisterReport> {
    const {flags} = await this.parse(Register)
    const yard = await this.yard()
    const needs = {
      catalog: await yard.catalog(),
      clock: yard.clock,
      documents: await yard.documents(),
      files: await yard.files(),
      repository: await yard.repository(),
      actor: yard.actor,
    }
    const request = {directory: yard.workingDirectory, init: flags.init, dryRun: flags['dry-run']}
    const report = await register(needs, request)
    this.print(registerView(report))
    return report
  }
}
