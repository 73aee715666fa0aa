import {Args, Flags} from '@oclif/core'

import {readInput} from '../../app/read-input.js'
import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {importServices, type ServicesImportReport} from '../../lifecycle/services/import.js'
import {maxEntitiesBytes} from '../../lifecycle/services/import-file.js'
import {servicesImportView} from '../../terminal/services-moving-view.js'

export default class ServicesImport extends YardCommand {
  static override changes = true
  static override summary = 'register services from a Backstage catalog-info.yaml'

  static override description =
    'Every Component of type service becomes a service: its name, description, owner, repository, and the services it depends on or whose APIs it consumes. How it is run isn\'t known from there: "yard register" in its repository tells. What is registered already stays as it is, unless --update is given, and keeps its processes even then.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> catalog-info.yaml --dry-run',
    '<%= config.bin %> services export | <%= config.bin %> <%= command.id %> - --dry-run',
  ]

  static override args = {
    file: Args.string({
      ignoreStdin: true,
      description: 'a file of entities, or - for what is piped in',
      required: true,
    }),
  }

  static override flags = {
    update: Flags.boolean({summary: 'also change services that are registered already'}),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ServicesImportReport> {
    const {args, flags} = await this.parse(ServicesImport)
    const yard = await this.yard()
    const needs = {
      catalog: await yard.catalog(),
      clock: yard.clock,
      documents: await yard.documents(),
      signal: yard.signal,
    }
    const text = await readInput(yard, args.file, maxEntitiesBytes)
    const request = {file: args.file, text, update: flags.update, dryRun: flags['dry-run']}
    const report = await importServices(needs, request)
    this.print(servicesImportView(report))
    return report
  }
}
