import {Flags} from '@oclif/core'

import {YardCommand} from '../../app/yard-command.js'
import {exportServices} from '../../lifecycle/services/export.js'

export default class ServicesExport extends YardCommand {
  static override summary = 'write the services for another catalog'

  static override description =
    'Writes one Component for each service to the standard output, as documents of YAML that Backstage reads. What a service calls becomes what its component depends on.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --format backstage',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  static override flags = {
    format: Flags.option({
      default: 'backstage',
      options: ['backstage'] as const,
      summary: 'who is to read it',
    })(),
  }

  async run(): Promise<object[]> {
    await this.parse(ServicesExport)
    const yard = await this.yard()
    const needs = {
      catalog: await yard.catalog(),
      documents: await yard.documents(),
      report: yard.report,
    }
    const {components, text} = await exportServices(needs)
    this.print(text.trimEnd())
    return components
  }
}
