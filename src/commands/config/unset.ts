import {Args, Flags} from '@oclif/core'

import {confirmProtected, yesFlag} from '../../app/confirm.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {parseVariableNames} from '../../domain/config-assignment.js'
import {splitWords} from '../../lifecycle/config/target.js'
import {type ConfigUnsetReport, unsetConfig} from '../../lifecycle/config/unset.js'
import {configUnsetView} from '../../terminal/config-view.js'

export default class ConfigUnset extends YardCommand {
  static override changes = true
  static override summary = 'remove variables of a service in an environment'

  static override description =
    'Removes what was set with "yard config set"; what service.yaml or the shared config says comes through again. The next deploy makes a release without them.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello GREETING --env local --dry-run',
    '<%= config.bin %> <%= command.id %> --shared LOG_LEVEL --env local --dry-run',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; left out with --shared',
      required: true,
    }),
    variable: Args.string({ignoreStdin: true, multiple: true, description: 'names of variables'}),
  }

  static override flags = {
    env: envFlag,
    shared: Flags.boolean({summary: 'what all services of the environment share'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<ConfigUnsetReport> {
    const {args, flags} = await this.parse(ConfigUnset)
    const {'dry-run': dryRun, env: environment} = flags
    const words = [args.service, ...(args.variable ?? [])]
    const {rest, service} = splitWords(words, flags.shared, 'yard config unset billing LOG_LEVEL')
    const names = parseVariableNames(rest)
    const yard = await this.yard()
    const change = {environment, purpose: `change the config of ${environment}`}
    if (!dryRun) await confirmProtected(yard, {...change, isConfirmed: flags.yes})
    const report = await unsetConfig({catalog: await yard.catalog()}, {environment, service, names, dryRun})
    this.print(configUnsetView(report))
    return report
  }
}
