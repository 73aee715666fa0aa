import {Flags} from '@oclif/core'

import {YardCommand} from '../../app/yard-command.js'
import {type ListedConsumer, listConsumers} from '../../lifecycle/consumers/list.js'
import {consumersListView} from '../../terminal/consumers-view.js'

export default class ConsumersList extends YardCommand {
  static override summary = 'list who may call whom'

  static override description =
    'Shows each pair of a caller and a service that it may call, whether the service.yaml of the caller says so, and the age of their token, which is never shown.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --of identity',
    '<%= config.bin %> <%= command.id %> --service billing --json',
  ]

  static override flags = {
    of: Flags.string({exclusive: ['service'], helpValue: 'SERVICE', summary: 'only those that may call it'}),
    service: Flags.string({helpValue: 'SERVICE', summary: 'only those that it may call'}),
  }

  async run(): Promise<ListedConsumer[]> {
    const {flags} = await this.parse(ConsumersList)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report}
    const consumers = await listConsumers(needs, {of: flags.of, service: flags.service})
    this.print(consumersListView(consumers, yard.clock.now()))
    return consumers
  }
}
