import path from 'node:path'

import {Flags} from '@oclif/core'

import {declaredEnvironments} from '../../app/host-needs.js'
import {haproxyVersionFlag, outFlag, renderNeeds} from '../../app/render-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {renderHost, type RenderReport} from '../../lifecycle/render/haproxy.js'
import {writeOut} from '../../lifecycle/render/write-out.js'
import {differenceView, renderView, writtenView} from '../../terminal/render-view.js'

export default class RenderEdge extends YardCommand {
  static override summary = 'show the HAProxy configuration of a host that faces the outside'

  static override description =
    'One HAProxy serves the public names and the callers on its host, so this is the whole of it, with the public part in it. Nothing is changed. Which certificates there are is known on the host alone: with --diff it is asked.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging',
    '<%= config.bin %> <%= command.id %> --env staging --host edge-1 --out rendered',
  ]

  static override flags = {
    env: envFlag,
    host: Flags.string({helpValue: 'NAME', summary: 'the first that faces the outside unless given'}),
    out: outFlag,
    diff: Flags.boolean({
      default: false,
      exclusive: ['out'],
      summary: 'only what differs from what the host has',
    }),
    'haproxy-version': haproxyVersionFlag,
  }

  async run(): Promise<RenderReport & {written?: string[]}> {
    const {flags} = await this.parse(RenderEdge)
    const yard = await this.yard()
    const report = await renderHost(await renderNeeds(yard), {
      environment: flags.env,
      host: flags.host,
      isEdge: true,
      haproxyVersion: flags['haproxy-version'],
      isCompared: flags.diff,
      declaredEnvironments: await declaredEnvironments(yard),
    })
    if (flags.out === undefined) {
      this.print(() => (flags.diff ? differenceView(report) : renderView(report)))
      return report
    }
    const directory = path.resolve(yard.workingDirectory, flags.out)
    const written = await writeOut(await yard.files(), directory, report.files)
    this.print(writtenView(written))
    return {...report, written}
  }
}
