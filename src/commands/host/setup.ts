import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {hostSetupNeeds, readKeyFiles} from '../../app/host-setup-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {exitCodes} from '../../errors.js'
import {type HostSetupReport} from '../../lifecycle/host-setup/needs.js'
import {setUpHosts} from '../../lifecycle/host-setup/set-up-hosts.js'
import {hostSetupView} from '../../terminal/host-setup-view.js'

export default class HostSetup extends YardCommand {
  static override changes = true
  static override hiddenAliases = ['hosts:setup']
  static override summary = 'make a bare machine ready for releases'

  static override description =
    'Logs in as root, or as somebody with sudo that wants no password, and makes what yard needs there: the user yard, its directories, HAProxy and its unit, and one rule that lets yard run one program as root. From then on yard logs in as yard. Again it changes nothing; killed at any moment, the next run does the rest. "yard hosts" is about the records of machines, "yard host" about one machine itself.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> web-1 --env staging --accept-new-host-key',
    '<%= config.bin %> <%= command.id %> web-1 --env staging --check',
    '<%= config.bin %> <%= command.id %> --all --env staging --login ada --dry-run',
  ]

  static override args = {
    host: Args.string({ignoreStdin: true, description: 'name of a host of the environment'}),
  }

  static override flags = {
    env: envFlag,
    all: Flags.boolean({default: false, summary: 'set up every host of the environment'}),
    login: Flags.string({
      helpValue: 'NAME',
      summary: 'log in as this user (ssh.user of yard.yaml, or root, unless given)',
    }),
    check: Flags.boolean({
      default: false,
      exclusive: ['dry-run'],
      summary: 'show what differs, change nothing, and end with 1 when something does',
    }),
    'accept-new-host-key': Flags.boolean({
      default: false,
      summary: 'trust the SSH key of a host that was never seen before, and pin it in the catalog',
    }),
    'authorized-key': Flags.string({
      helpValue: 'FILE',
      multiple: true,
      summary: 'let the owner of this public key bring releases there, too',
    }),
    install: Flags.boolean({
      allowNo: true,
      default: true,
      summary: 'install the packages that are missing there',
    }),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<HostSetupReport> {
    const {args, flags} = await this.parse(HostSetup)
    const yard = await this.yard()
    const report = await setUpHosts(await hostSetupNeeds(yard, flags.yes), {
      environment: flags.env,
      host: args.host,
      isForAll: flags.all,
      login: flags.login,
      mode: flags.check ? 'check' : flags['dry-run'] ? 'plan' : 'apply',
      acceptsNewKey: flags['accept-new-host-key'],
      authorizedKeys: await readKeyFiles(yard, flags['authorized-key'] ?? []),
      mayInstall: flags.install,
    })
    this.print(() => hostSetupView(report))
    if (report.code !== undefined) this.endWith(exitCodes.stepFailed)
    return report
  }
}
