import {Args} from '@oclif/core'

import {YardCommand} from '../../app/yard-command.js'
import {type ListedRelease, listReleases} from '../../lifecycle/releases-list.js'
import {releasesView} from '../../terminal/releases-view.js'

export default class ReleasesList extends YardCommand {
  static override summary = 'list the releases of a service, or of all'

  static override description =
    'Shows releases, newest first, with the commit they were built from, who made them, and the environments whose traffic they have.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a registered service; all without it'}),
  }

  async run(): Promise<ListedRelease[]> {
    const {args} = await this.parse(ReleasesList)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const releases = await listReleases(needs, {service: args.service})
    this.print(releasesView(releases, yard.clock.now()))
    return releases
  }
}
