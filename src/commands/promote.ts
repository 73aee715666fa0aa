import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../app/confirm.js'
import {serviceMeant} from '../app/deploy-meant.js'
import {deployNeeds} from '../app/deploy-needs.js'
import {rolloutFlags, rolloutWishes} from '../app/rollout-flags.js'
import {dryRunFlag, jsonLinesFlag, YardCommand} from '../app/yard-command.js'
import {type DeployPlan, type DeployReport} from '../lifecycle/deploy.js'
import {promote, promotePlan} from '../lifecycle/promote/promote.js'
import {deployPlanView, deployView} from '../terminal/deploy-view.js'

export default class Promote extends YardCommand {
  static override changes = true
  static override summary = 'put what is live in one environment into another'

  static override description =
    "Nothing is built: the very same build gets a release with the variables and secrets of the environment it goes to, and goes live there as with a deploy. It is refused while a deploy there isn't over."

  static override examples = [
    '<%= config.bin %> <%= command.id %> --from staging --to production',
    '<%= config.bin %> <%= command.id %> billing --from staging --to production --strategy blue-green --dry-run',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; the one in this directory without it',
    }),
  }

  static override flags = {
    from: Flags.string({helpValue: 'NAME', required: true, summary: 'environment where it is live'}),
    to: Flags.string({helpValue: 'NAME', required: true, summary: 'environment where it goes'}),
    ...rolloutFlags,
    'dry-run': dryRunFlag,
    yes: yesFlag,
    'json-lines': jsonLinesFlag,
  }

  async run(): Promise<DeployReport | DeployPlan> {
    const {args, flags} = await this.parse(Promote)
    const wishes = rolloutWishes(flags)
    const yard = await this.yard()
    const needs = await deployNeeds(yard, flags.yes)
    const service = await serviceMeant(yard, args.service, 'promote')
    const request = {service, from: flags.from, to: flags.to, ...wishes}
    if (flags['dry-run']) {
      const plan = await promotePlan(needs, request)
      this.print(deployPlanView(plan))
      return plan
    }
    const report = await promote(needs, request)
    if (report.failedHosts !== undefined) this.endWith(1)
    this.print(deployView(report))
    return report
  }
}
