import {Args, Flags} from '@oclif/core'

import {confirmProtected, yesFlag} from '../../app/confirm.js'
import {recipientsOf} from '../../app/recipients.js'
import {readSecretInput} from '../../app/secret-input.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {type ConfigSetReport} from '../../lifecycle/config/set.js'
import {setFromWords} from '../../lifecycle/config/set-words.js'
import {configSetView} from '../../terminal/config-view.js'

export default class ConfigSet extends YardCommand {
  static override changes = true
  static override summary = 'set variables of a service in an environment'

  static override description =
    'What is set here wins over env: in service.yaml, and that over what is set with --shared for all services of the environment. With --secret one value is asked for, or read from stdin, and sealed to the recipients of yard.yaml; without a yard.yaml only you can open it. secret://sops/FILE#KEY, secret://op/VAULT/ITEM/FIELD and secret://ssm/NAME are opened by sops, op and aws where the service starts. The next deploy makes a release with the change.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello LOG_LEVEL=debug GREETING=Hi --env local',
    'echo -n s3same | <%= config.bin %> <%= command.id %> hello API_KEY --secret',
    '<%= config.bin %> <%= command.id %> hello STRIPE_KEY=secret://op/team/stripe/key --dry-run',
    '<%= config.bin %> <%= command.id %> --shared LOG_LEVEL=info --env local',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; left out with --shared',
      required: true,
    }),
    variable: Args.string({ignoreStdin: true, multiple: true, description: 'NAME=VALUE, NAME with --secret'}),
  }

  static override flags = {
    env: envFlag,
    shared: Flags.boolean({summary: 'for all services of the environment'}),
    secret: Flags.boolean({summary: 'ask for the value of one variable, or read it from stdin, and seal it'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<ConfigSetReport> {
    const {args, flags} = await this.parse(ConfigSet)
    const {'dry-run': dryRun, env: environment, secret: isSecret, shared: isShared} = flags
    const words = [args.service, ...(args.variable ?? [])]
    const yard = await this.yard()
    const change = {environment, purpose: `change the config of ${environment}`, isConfirmed: flags.yes}
    const place = isShared ? '--shared' : args.service
    const needs = {
      catalog: await yard.catalog(),
      clock: yard.clock,
      actor: yard.actor,
      box: () => yard.secrets(),
      recipients: () => recipientsOf(yard),
      readSecret: (name: string) => readSecretInput({name, place}, yard.signal),
      confirm: () => confirmProtected(yard, change),
    }
    const report = await setFromWords(needs, {words, isShared, isSecret, environment, dryRun})
    this.print(configSetView(report))
    return report
  }
}
