import {deployArgs, deployFlags, deployMeant} from '../../app/deploy-meant.js'
import {lockIdentity} from '../../app/lock-identity.js'
import {YardCommand} from '../../app/yard-command.js'
import {type DeployShowReport, showDeploy} from '../../lifecycle/deploy/journal/show.js'
import {deployShowView} from '../../terminal/deploy-show-view.js'

export default class DeployShow extends YardCommand {
  static override summary = 'show what a deploy did, step by step and host by host'

  static override description =
    'Says what was deployed, who did it, how far each step and each host got, where it stands now, and what to do next; also of one that was killed or is at work.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> 1',
    '<%= config.bin %> <%= command.id %> 1 --service hello --env local --json',
  ]

  static override args = deployArgs
  static override flags = deployFlags

  async run(): Promise<DeployShowReport> {
    const {args, flags} = await this.parse(DeployShow)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report, identity: lockIdentity(yard)}
    const report = await showDeploy(needs, await deployMeant(yard, args, flags, 'show a deploy'))
    this.print(deployShowView(report, yard.clock.now()))
    return report
  }
}
