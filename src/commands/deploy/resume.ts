import {yesFlag} from '../../app/confirm.js'
import {deployArgs, deployFlags, deployMeant} from '../../app/deploy-meant.js'
import {deployNeeds} from '../../app/deploy-needs.js'
import {jsonLinesFlag, YardCommand} from '../../app/yard-command.js'
import {type DeployReport} from '../../lifecycle/deploy.js'
import {resumeDeploy} from '../../lifecycle/deploy/resume.js'
import {deployView} from '../../terminal/deploy-view.js'

export default class DeployResume extends YardCommand {
  static override changes = true
  static override summary = 'go on with a deploy that stopped halfway'

  static override description =
    'For one that was killed, interrupted or paused, or that left hosts out: goes on where its journal ends. What is done is not done again; what ended by itself since is started anew. Only the newest deploy of a service can go on.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> 128 --env staging',
    '<%= config.bin %> <%= command.id %> 128 --service billing --env staging',
  ]

  static override args = deployArgs
  static override flags = {...deployFlags, yes: yesFlag, 'json-lines': jsonLinesFlag}

  async run(): Promise<DeployReport> {
    const {args, flags} = await this.parse(DeployResume)
    const yard = await this.yard()
    const reference = await deployMeant(yard, args, flags, 'resume a deploy')
    const request = {...reference, directory: yard.workingDirectory}
    const report = await resumeDeploy(await deployNeeds(yard, flags.yes), request)
    if (report.failedHosts !== undefined) this.endWith(1)
    this.print(deployView(report))
    return report
  }
}
