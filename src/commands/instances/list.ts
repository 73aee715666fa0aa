import {Args} from '@oclif/core'

import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type ListedInstance, listInstances} from '../../lifecycle/instances/list.js'
import {instancesListView} from '../../terminal/instances-view.js'

export default class InstancesList extends YardCommand {
  static override summary = 'list the instances of an environment, or of one service in it'

  static override description =
    'Shows where each runs, what is wanted of it, what its host last saw, its share of the traffic and since when it runs.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hello --env local',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a registered service'}),
  }

  static override flags = {env: envFlag}

  async run(): Promise<ListedInstance[]> {
    const {args, flags} = await this.parse(InstancesList)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const instances = await listInstances(needs, {environment: flags.env, service: args.service})
    this.print(instancesListView(instances, {environment: flags.env, now: yard.clock.now()}))
    return instances
  }
}
