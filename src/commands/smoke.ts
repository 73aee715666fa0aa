import {Flags} from '@oclif/core'

import {smokeServiceNeeds} from '../app/smoke-needs.js'
import {envFlag, YardCommand} from '../app/yard-command.js'
import {type SmokeReport} from '../domain/smoke/report.js'
import {exitCodes} from '../errors.js'
import {smokeService} from '../lifecycle/smoke-service.js'
import {smokeView} from '../terminal/smoke-view.js'

export default class Smoke extends YardCommand {
  static override summary = 'run the smoke tests of a service against an environment'

  static override description =
    'Runs the .hurl files of the service in the current directory through the router of the environment. All files are checked first: when one is wrong, nothing is sent. Exits 0 when all pass, 1 when a check fails or time runs out, 2 when a file is wrong, 4 when nothing answers.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --env local --file smoke/orders.hurl',
    '<%= config.bin %> <%= command.id %> --variable user=alice --secrets-file .smoke-secrets --report-junit report.xml',
  ]

  static override flags = {
    env: envFlag,
    file: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'GLOB',
      summary: 'files to run instead of those in service.yaml',
    }),
    variable: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      summary: 'a variable of the tests; base_url, service and environment are set',
    }),
    'secrets-file': Flags.string({
      helpValue: 'FILE',
      summary: 'NAME=VALUE lines whose values are hidden in all output',
    }),
    'allow-host': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'HOST',
      summary: 'a host besides that of the service that the tests may ask',
    }),
    'report-json': Flags.string({helpValue: 'FILE', summary: 'write the report as JSON'}),
    'report-junit': Flags.string({helpValue: 'FILE', summary: 'write the report as JUnit XML'}),
  }

  async run(): Promise<SmokeReport> {
    const {flags} = await this.parse(Smoke)
    const yard = await this.yard()
    const report = await smokeService(await smokeServiceNeeds(yard), {
      environment: flags.env,
      directory: yard.workingDirectory,
      globs: flags.file ?? [],
      variables: flags.variable ?? [],
      secretsFile: flags['secrets-file'],
      allowedHosts: flags['allow-host'] ?? [],
      jsonReportFile: flags['report-json'],
      junitReportFile: flags['report-junit'],
    })
    this.print(smokeView(report))
    if (report.outcome === 'failed') this.endWith(exitCodes.stepFailed)
    if (report.outcome === 'unreachable') this.endWith(exitCodes.unreachable)
    return report
  }
}
