import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../app/confirm.js'
import {serviceMeant} from '../app/deploy-meant.js'
import {rolloutNeeds} from '../app/deploy-needs.js'
import {hostNames, rolloutFlags, rolloutWishes} from '../app/rollout-flags.js'
import {dryRunFlag, envFlag, jsonLinesFlag, YardCommand} from '../app/yard-command.js'
import {type DeployPlan, type DeployReport} from '../lifecycle/deploy.js'
import {restart, restartPlan} from '../lifecycle/restart/restart.js'
import {deployPlanView, deployView} from '../terminal/deploy-view.js'

export default class Restart extends YardCommand {
  static override changes = true
  static override summary = 'start the live release anew, without losing a request'

  static override description =
    'Starts new instances of the release that is live beside the old ones, batch after batch of hosts; they get the traffic once they are ready, and the old ones end when they have finished what they had.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env local',
    '<%= config.bin %> <%= command.id %> hello --env local --batch 50%',
    '<%= config.bin %> <%= command.id %> hello --dry-run',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; the one in this directory without it',
    }),
  }

  static override flags = {
    env: envFlag,
    ...rolloutFlags,
    hosts: Flags.string({helpValue: 'NAMES', summary: 'only on these hosts, such as web-1,web-2'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
    'json-lines': jsonLinesFlag,
  }

  async run(): Promise<DeployReport | DeployPlan> {
    const {args, flags} = await this.parse(Restart)
    const hosts = hostNames(flags.hosts)
    const wishes = rolloutWishes(flags)
    const yard = await this.yard()
    const needs = await rolloutNeeds(yard, flags.yes)
    const service = await serviceMeant(yard, args.service, 'restart')
    const request = {service, environment: flags.env, ...(hosts !== undefined && {hosts}), ...wishes}
    if (flags['dry-run']) {
      const plan = await restartPlan(needs, request)
      this.print(deployPlanView(plan))
      return plan
    }
    const report = await restart(needs, request)
    if (report.failedHosts !== undefined) this.endWith(1)
    this.print(deployView(report))
    return report
  }
}
