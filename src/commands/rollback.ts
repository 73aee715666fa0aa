import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../app/confirm.js'
import {serviceMeant} from '../app/deploy-meant.js'
import {rolloutNeeds} from '../app/deploy-needs.js'
import {rolloutFlags, rolloutWishes} from '../app/rollout-flags.js'
import {dryRunFlag, envFlag, jsonLinesFlag, YardCommand} from '../app/yard-command.js'
import {type DeployPlan, type DeployReport} from '../lifecycle/deploy.js'
import {rollback, rollbackPlan} from '../lifecycle/rollback.js'
import {deployPlanView, deployView} from '../terminal/deploy-view.js'

export default class Rollback extends YardCommand {
  static override changes = true
  static override summary = 'give the traffic back to an earlier release'

  static override description =
    'Returns to the last release that was fully live before the present one, or to the one given with --to, by the same steps as a deploy: start, health, move, smoke, drain. Nothing is built.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env local',
    '<%= config.bin %> <%= command.id %> hello --env local --to 3',
    '<%= config.bin %> <%= command.id %> --env local --dry-run',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; the one in this directory without it',
    }),
  }

  static override flags = {
    env: envFlag,
    to: Flags.integer({helpValue: 'NUMBER', min: 1, summary: 'number of the release to return to'}),
    ...rolloutFlags,
    'dry-run': dryRunFlag,
    yes: yesFlag,
    'json-lines': jsonLinesFlag,
  }

  async run(): Promise<DeployReport | DeployPlan> {
    const {args, flags} = await this.parse(Rollback)
    const wishes = rolloutWishes(flags)
    const yard = await this.yard()
    const needs = await rolloutNeeds(yard, flags.yes)
    const service = await serviceMeant(yard, args.service, 'roll back')
    const request = {
      service,
      environment: flags.env,
      ...(flags.to !== undefined && {to: flags.to}),
      ...wishes,
    }
    if (flags['dry-run']) {
      const plan = await rollbackPlan(needs, request)
      this.print(deployPlanView(plan))
      return plan
    }
    const report = await rollback(needs, request)
    if (report.failedHosts !== undefined) this.endWith(1)
    this.print(deployView(report))
    return report
  }
}
