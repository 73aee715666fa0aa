import {yesFlag} from '../../app/confirm.js'
import {deployArgs, deployFlags, deployMeant} from '../../app/deploy-meant.js'
import {rolloutNeeds} from '../../app/deploy-needs.js'
import {jsonLinesFlag, YardCommand} from '../../app/yard-command.js'
import {abortDeploy, type AbortReport} from '../../lifecycle/deploy/abort.js'
import {deployAbortView} from '../../terminal/deploy-abort-view.js'

export default class DeployAbort extends YardCommand {
  static override changes = true
  static override summary = 'take back a deploy that stopped halfway'

  static override description =
    'For one that was killed or paused: the release from before has all of the traffic again, and what was started ends. Where old instances had been ended already, they are started anew first.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> 128 --env staging',
    '<%= config.bin %> <%= command.id %> 128 --service billing --env staging',
  ]

  static override args = deployArgs
  static override flags = {...deployFlags, yes: yesFlag, 'json-lines': jsonLinesFlag}

  async run(): Promise<AbortReport> {
    const {args, flags} = await this.parse(DeployAbort)
    const yard = await this.yard()
    const reference = await deployMeant(yard, args, flags, 'abort a deploy')
    const report = await abortDeploy(await rolloutNeeds(yard, flags.yes), reference)
    this.print(deployAbortView(report))
    return report
  }
}
