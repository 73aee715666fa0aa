import {acceptLossNeeds} from '../../app/sidecar-questions.js'
import {yesFlag} from '../../app/confirm.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {acceptLoss, type AcceptLossReport} from '../../lifecycle/sidecar/accept-loss.js'
import {acceptLossView} from '../../terminal/sidecar-view.js'

export default class SidecarAcceptLoss extends YardCommand {
  static override changes = true
  static override summary = 'let go of what vanished from the catalog'

  static override description =
    'When much of what is routed vanishes from the catalog at once, the sidecars hold it back: it looks like a mistake. This shows what is held and says that it is meant to be gone. What vanishes afterwards is held again.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging --dry-run',
    '<%= config.bin %> <%= command.id %> --env staging --yes',
  ]

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag}

  async run(): Promise<AcceptLossReport> {
    const {flags} = await this.parse(SidecarAcceptLoss)
    const yard = await this.yard()
    const report = await acceptLoss(await acceptLossNeeds(yard, flags.env, flags.yes), {
      environment: flags.env,
      dryRun: flags['dry-run'],
    })
    this.print(acceptLossView(report))
    return report
  }
}
