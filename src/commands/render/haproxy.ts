import path from 'node:path'

import {Flags} from '@oclif/core'

import {declaredEnvironments} from '../../app/host-needs.js'
import {haproxyVersionFlag, outFlag, renderNeeds} from '../../app/render-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {renderHost, type RenderReport} from '../../lifecycle/render/haproxy.js'
import {writeOut} from '../../lifecycle/render/write-out.js'
import {differenceView, renderView, writtenView} from '../../terminal/render-view.js'

export default class RenderHaproxy extends YardCommand {
  static override summary = "show a host's HAProxy configuration"

  static override description =
    'Writes haproxy.cfg as the catalog says it now to the standard output, with --out all files to a directory. With --diff the host is asked what it has, over SSH unless it is this machine, and only what differs is shown. Nothing is changed.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging --host web-1',
    '<%= config.bin %> <%= command.id %> --env staging --host web-1 --out rendered',
    '<%= config.bin %> <%= command.id %> --diff',
  ]

  static override flags = {
    env: envFlag,
    host: Flags.string({helpValue: 'NAME', summary: 'the host it is for; not needed where there is one'}),
    out: outFlag,
    diff: Flags.boolean({
      default: false,
      exclusive: ['out'],
      summary: 'only what differs from what the host has',
    }),
    'haproxy-version': haproxyVersionFlag,
  }

  /** Whether only hosts that face the outside are meant. */
  protected readonly isEdge: boolean = false

  async run(): Promise<RenderReport & {written?: string[]}> {
    const {flags} = await this.parse(RenderHaproxy)
    const yard = await this.yard()
    const report = await renderHost(await renderNeeds(yard), {
      environment: flags.env,
      host: flags.host,
      isEdge: this.isEdge,
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
