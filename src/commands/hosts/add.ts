import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../../app/confirm.js'
import {declaredEnvironments, hostNeeds} from '../../app/host-needs.js'
import {dryRunFlag, envFlag, YardCommand} from '../../app/yard-command.js'
import {addHost, type AddHostReport} from '../../lifecycle/hosts/add.js'
import {hostAddedView} from '../../terminal/hosts-view.js'

export default class HostsAdd extends YardCommand {
  static override changes = true
  static override summary = 'add a host to an environment'

  static override description =
    'Puts a machine into an environment. Again with other values is an update, shown as a diff; what is not given stays as it is. Hosts may be declared in yard.yaml instead.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> web-1 --env staging --address 10.0.0.11 --zone a',
    '<%= config.bin %> <%= command.id %> web-1 --env staging --address 10.0.0.11 --description "the old one" --dry-run',
  ]

  static override args = {
    host: Args.string({ignoreStdin: true, description: 'name of the host', required: true}),
  }

  static override flags = {
    env: envFlag,
    address: Flags.string({helpValue: 'IPV4', required: true, summary: 'where other hosts reach it'}),
    zone: Flags.string({helpValue: 'NAME', summary: 'hosts of one zone are lost together'}),
    description: Flags.string({helpValue: 'TEXT', summary: 'what the machine is'}),
    edge: Flags.boolean({allowNo: true, summary: 'faces the outside, as edge: in yard.yaml says'}),
    'dry-run': dryRunFlag,
    yes: yesFlag,
  }

  async run(): Promise<AddHostReport> {
    const {args, flags} = await this.parse(HostsAdd)
    const yard = await this.yard()
    const report = await addHost(await hostNeeds(yard, flags.yes), {
      environment: flags.env,
      host: args.host,
      address: flags.address,
      zone: flags.zone,
      description: flags.description,
      edge: flags.edge,
      declaredEnvironments: await declaredEnvironments(yard),
      dryRun: flags['dry-run'],
    })
    this.print(hostAddedView(report))
    return report
  }
}
