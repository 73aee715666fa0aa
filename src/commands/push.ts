import {Flags} from '@oclif/core'

import {yesFlag} from '../app/confirm.js'
import {pushNeeds, shipNeeds} from '../app/push-needs.js'
import {envFlag, YardCommand} from '../app/yard-command.js'
import {exitCodes} from '../errors.js'
import {type PushReport} from '../lifecycle/push/needs.js'
import {push} from '../lifecycle/push/push.js'
import {type ShipReport, shipSidecars} from '../lifecycle/push/ship-sidecars.js'
import {pushView, shipView} from '../terminal/push-view.js'

export default class Push extends YardCommand {
  static override changes = true
  static override summary = "bring the routes of an environment to its hosts' HAProxy over SSH"

  static override description =
    'For hosts without a sidecar. Renders the configuration of each host, checks it there, changes HAProxy without losing a request and reads back what it does; all hosts at once, all from the same revision of the catalog. A host that cannot be served keeps what it has, the others are served, and the command ends with 1.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging',
    '<%= config.bin %> <%= command.id %> --env staging --plan',
    '<%= config.bin %> <%= command.id %> --env staging --hosts web-1,web-2',
  ]

  static override flags = {
    env: envFlag,
    hosts: Flags.string({
      helpValue: 'NAME,NAME',
      summary: 'push to these hosts only',
      multiple: true,
      delimiter: ',',
    }),
    plan: Flags.boolean({default: false, summary: 'show what would change on each host, and change nothing'}),
    'accept-new-host-key': Flags.boolean({
      default: false,
      summary: 'trust the SSH key of a host that was never seen before, and pin it in the catalog',
    }),
    sidecar: Flags.boolean({
      exclusive: ['plan'],
      summary: 'put a sidecar on the hosts, which follows the catalog from then on, instead of pushing',
    }),
    login: Flags.string({
      dependsOn: ['sidecar'],
      helpValue: 'NAME',
      summary: 'for a sidecar, log in as this user: root, or somebody with sudo that wants no password',
    }),
    yes: yesFlag,
  }

  async run(): Promise<PushReport | ShipReport> {
    const {flags} = await this.parse(Push)
    const yard = await this.yard()
    const request = {
      environment: flags.env,
      ...(flags.hosts !== undefined && {hosts: flags.hosts}),
      acceptsNewKey: flags['accept-new-host-key'],
    }
    if (flags.sidecar) {
      const login = flags.login === undefined ? {} : {login: flags.login}
      const shipped = await shipSidecars(await shipNeeds(yard, flags.yes), {...request, ...login})
      this.print(() => shipView(shipped))
      if (shipped.code !== undefined) this.endWith(exitCodes.stepFailed)
      return shipped
    }
    const report = await push(await pushNeeds(yard, flags.yes), {...request, isPlan: flags.plan})
    this.print(() => pushView(report))
    if (report.code !== undefined) this.endWith(exitCodes.stepFailed)
    return report
  }
}
