import path from 'node:path'

import {Flags} from '@oclif/core'

import {declaredEnvironments} from '../../app/host-needs.js'
import {outFlag} from '../../app/render-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {renderSidecar, type RenderSidecarReport} from '../../lifecycle/render/sidecar.js'
import {writeOut} from '../../lifecycle/render/write-out.js'
import {textsView, writtenView} from '../../terminal/render-view.js'

export default class RenderSidecar extends YardCommand {
  static override summary = 'show the systemd units of a host with a sidecar'

  static override description =
    'Writes the units of HAProxy and of the sidecar to the standard output, each under its name, with --out as files to a directory. "yard push --sidecar" brings them to the hosts.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging --host web-1',
    '<%= config.bin %> <%= command.id %> --env staging --host web-1 --out units',
  ]

  static override flags = {
    env: envFlag,
    host: Flags.string({helpValue: 'NAME', required: true, summary: 'the host they are for'}),
    out: outFlag,
  }

  async run(): Promise<RenderSidecarReport & {written?: string[]}> {
    const {flags} = await this.parse(RenderSidecar)
    const yard = await this.yard()
    const catalog = await yard.catalog()
    const report = await renderSidecar(
      {catalog, report: yard.report},
      {
        environment: flags.env,
        host: flags.host,
        catalogUrl: catalog.store.url,
        declaredEnvironments: await declaredEnvironments(yard),
      },
    )
    if (flags.out === undefined) {
      this.print(textsView(report.files))
      return report
    }
    const directory = path.resolve(yard.workingDirectory, flags.out)
    const written = await writeOut(await yard.files(), directory, report.files)
    this.print(writtenView(written))
    return {...report, written}
  }
}
