import {Flags} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {deployNeeds} from '../../app/deploy-needs.js'
import {hostNames, rolloutFlags, rolloutWishes} from '../../app/rollout-flags.js'
import {dryRunFlag, envFlag, jsonLinesFlag, YardCommand} from '../../app/yard-command.js'
import {deploy, type DeployPlan, deployPlan, type DeployReport} from '../../lifecycle/deploy.js'
import {deployPlanView, deployView} from '../../terminal/deploy-view.js'

export default class Deploy extends YardCommand {
  static override changes = true
  static override summary = 'deploy the service in this directory to an environment'

  static override description =
    'Builds a commit (once), makes a release of it, and brings it to the hosts of the environment, batch after batch: it is started beside the old one, the traffic moves when it is ready and has stayed so, and old instances end only once all of it holds. When a step fails, everything is put back and the command ends with 1; --on-failure changes that.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env local',
    '<%= config.bin %> <%= command.id %> --env local --ref v1.4.0',
    '<%= config.bin %> <%= command.id %> --env local --plan',
    '<%= config.bin %> <%= command.id %> --env local --strategy canary --weight 10 --bake 5s',
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
    ...rolloutFlags,
    hosts: Flags.string({
      helpValue: 'NAMES',
      summary: 'only these hosts, such as web-1,web-2; the others keep what they have',
    }),
    plan: Flags.boolean({
      exclusive: ['dry-run'],
      summary: 'show hosts, batches, commands and what differs in the config, and do nothing',
    }),
    'dry-run': dryRunFlag,
    yes: yesFlag,
    'json-lines': jsonLinesFlag,
  }

  async run(): Promise<DeployReport | DeployPlan> {
    const {flags} = await this.parse(Deploy)
    const hosts = hostNames(flags.hosts)
    const wishes = rolloutWishes(flags)
    const yard = await this.yard()
    const needs = await deployNeeds(yard, flags.yes)
    const request = {
      environment: flags.env,
      directory: yard.workingDirectory,
      allowDirty: flags['allow-dirty'],
      ...(flags.ref !== undefined && {ref: flags.ref}),
      ...(hosts !== undefined && {hosts}),
      ...wishes,
    }
    if (flags['dry-run'] || flags.plan) {
      const plan = await deployPlan(needs, request)
      this.print(deployPlanView(plan))
      return plan
    }
    const report = await deploy(needs, request)
    // It is live, but not where it was to be.
    if (report.failedHosts !== undefined) this.endWith(1)
    this.print(deployView(report))
    return report
  }
}
