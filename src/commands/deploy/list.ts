import {Args, Flags} from '@oclif/core'

import {lockIdentity} from '../../app/lock-identity.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {listDeploys, type ListedDeploy} from '../../lifecycle/deploy/journal/list.js'
import {deploysView} from '../../terminal/deploys-view.js'

export default class DeployList extends YardCommand {
  static override summary = 'list what was deployed to an environment'

  static override description =
    'Deploys, rollbacks, promotions, restarts and changes of scale, newest first: which release, how it ended, who did it. One that was killed is abandoned, and can be resumed or aborted.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hello --env local --limit 5 --json',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a registered service; all without it'}),
  }

  static override flags = {
    env: envFlag,
    limit: Flags.integer({
      default: 20,
      helpValue: 'N',
      max: 100_000,
      min: 1,
      summary: 'at most so many deploys',
    }),
  }

  async run(): Promise<ListedDeploy[]> {
    const {args, flags} = await this.parse(DeployList)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report, identity: lockIdentity(yard)}
    const request = {environment: flags.env, service: args.service, limit: flags.limit}
    const deploys = await listDeploys(needs, request)
    this.print(deploysView(deploys, {environment: flags.env, now: yard.clock.now()}))
    return deploys
  }
}
