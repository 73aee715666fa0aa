import {Flags} from '@oclif/core'

import {deployNeeds} from '../app/deploy-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../app/yard-command.js'
import {deploy, type DeployPlan, deployPlan, type DeployReport} from '../lifecycle/deploy.js'
import {deployPlanView, deployView} from '../terminal/deploy-view.js'

export default class Deploy extends YardCommand {
  static override changes = true
  static override summary = 'deploy the service in this directory to an environment'

  static override description =
    'Builds a commit (once), makes a release of it, starts it beside the old one, waits until it is ready, moves the traffic, runs the smoke tests, then drains and stops the old release. When a step fails, everything is put back and the command ends with 1.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env local',
    '<%= config.bin %> <%= command.id %> --env local --ref v1.4.0',
    '<%= config.bin %> <%= command.id %> --env local --dry-run',
  ]

  static override flags = {
    env: envFlag,
    ref: Flags.string({
      exclusive: ['allow-dirty'],
      helpValue: 'REF',
      summary: 'branch, tag or commit to deploy; the one that is checked out without it',
    }),
    'allow-dirty': Flags.boolean({
      summary: 'deploy the work tree with its uncommitted changes, and record that',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<DeployReport | DeployPlan> {
    const {flags} = await this.parse(Deploy)
    const yard = await this.yard()
    const needs = await deployNeeds(yard)
    const request = {
      environment: flags.env,
      directory: yard.workingDirectory,
      allowDirty: flags['allow-dirty'],
      ...(flags.ref !== undefined && {ref: flags.ref}),
    }
    if (flags['dry-run']) {
      const plan = await deployPlan(needs, request)
      this.print(deployPlanView(plan))
      return plan
    }
    const report = await deploy(needs, request)
    this.print(deployView(report))
    return report
  }
}
