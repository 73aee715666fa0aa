import {declaredEnvironments} from '../../app/host-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type ListedHost, listHosts} from '../../lifecycle/hosts/list.js'
import {hostsView} from '../../terminal/hosts-view.js'

export default class HostsList extends YardCommand {
  static override summary = 'list the hosts of an environment'

  static override description =
    'Lists the machines of an environment with what runs there: "up" with a supervisor or a sidecar at work, "ready" once it was set up and nobody there tells how it is, "drained" when an operator took it out of the traffic, "unseen" when nothing is known of it.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging',
    '<%= config.bin %> <%= command.id %> --env staging --json',
  ]

  static override flags = {env: envFlag}

  async run(): Promise<ListedHost[]> {
    const {flags} = await this.parse(HostsList)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const hosts = await listHosts(needs, {
      environment: flags.env,
      declaredEnvironments: await declaredEnvironments(yard),
    })
    this.print(hostsView(hosts, flags.env))
    return hosts
  }
}
