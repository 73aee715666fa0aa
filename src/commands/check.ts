import {Flags} from '@oclif/core'

import {YardCommand} from '../app/yard-command.js'
import {exitCodes} from '../errors.js'
import {checkCalls, type CheckReport} from '../lifecycle/check.js'
import {checkView} from '../terminal/check-view.js'

export default class Check extends YardCommand {
  static override summary = 'check that every service may call what it calls'

  static override description =
    'Compares calls: of each service.yaml with the consumers in the catalog. Ends with 1 when a service calls another without being its consumer, or one that is not registered; each line says what mends it.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --service hello --json',
  ]

  static override flags = {
    service: Flags.string({helpValue: 'NAME', summary: 'only its own calls and those to it'}),
  }

  async run(): Promise<CheckReport> {
    const {flags} = await this.parse(Check)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const report = await checkCalls(needs, {service: flags.service})
    this.print(checkView(report))
    if (report.problems.length > 0) this.endWith(exitCodes.stepFailed)
    return report
  }
}
