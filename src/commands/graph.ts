import path from 'node:path'
import {stripVTControlCharacters} from 'node:util'

import {Flags} from '@oclif/core'

import {YardCommand} from '../app/yard-command.js'
import {type CallGraph} from '../domain/call-graph.js'
import {graphCalls, graphFormats} from '../lifecycle/graph.js'
import {graphView} from '../terminal/graph-view.js'

export default class Graph extends YardCommand {
  static override summary = 'show who calls whom'

  static override description =
    'Callers stand above those they call, as calls: of their service.yaml says or as consumers add allowed it. What is declared and not allowed is marked. As dot or svg it is a picture.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --service hello --format dot',
    '<%= config.bin %> <%= command.id %> --format svg --out graph.svg',
  ]

  static override flags = {
    format: Flags.option({default: 'tree', options: graphFormats, summary: 'how to show it'})(),
    out: Flags.string({helpValue: 'FILE', summary: 'write it there instead of on the screen'}),
    service: Flags.string({helpValue: 'NAME', summary: 'only it, its callers and those it calls'}),
  }

  async run(): Promise<CallGraph> {
    const {flags} = await this.parse(Graph)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), report: yard.report, drawer: () => yard.graphs()}
    const {graph, text} = await graphCalls(needs, {service: flags.service, format: flags.format})
    const shown = text ?? graphView(graph)
    if (flags.out === undefined) {
      this.print(shown.replace(/\n$/, ''))
      return graph
    }
    const file = path.resolve(yard.workingDirectory, flags.out)
    const plain = stripVTControlCharacters(shown)
    await (await yard.files()).writeText(file, plain.endsWith('\n') ? plain : `${plain}\n`)
    this.print(`Wrote ${file}`)
    return graph
  }
}
