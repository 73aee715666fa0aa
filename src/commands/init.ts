import {Flags} from '@oclif/core'

import {dryRunFlag, YardCommand} from '../app/yard-command.js'
import {initPlatform, type InitPlatformReport} from '../lifecycle/platform/init.js'
import {initView} from '../terminal/init-view.js'

export default class Init extends YardCommand {
  static override summary = 'write a platform file to begin with'

  static override description =
    'Writes yard.yaml into this directory: a commented file with your own key as the first recipient of secrets. With --catalog the file names that catalog. A file that is there already is left alone.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --catalog etcd://10.0.0.1:2379,10.0.0.2:2379 --dry-run',
  ]

  static override flags = {
    catalog: Flags.string({helpValue: 'URL', summary: 'catalog that the file names'}),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<InitPlatformReport> {
    const {flags} = await this.parse(Init)
    const yard = await this.yard()
    const needs = {
      files: await yard.files(),
      documents: await yard.documents(),
      ownRecipient: async () => (await yard.secrets()).ownRecipient(),
      actor: yard.actor,
    }
    const report = await initPlatform(needs, {
      directory: yard.workingDirectory,
      catalogUrl: flags.catalog,
      identityFile: yard.paths.identity,
      dryRun: flags['dry-run'],
    })
    this.print(initView(report))
    return report
  }
}
