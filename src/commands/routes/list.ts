import {Flags} from '@oclif/core'

import {declaredEnvironments} from '../../app/host-needs.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {listRoutes, type RoutesReport} from '../../lifecycle/routes/list.js'
import {routesView} from '../../terminal/routes-view.js'

export default class RoutesList extends YardCommand {
  static override summary = 'list the names by which services are reached'

  static override description =
    'Shows which name leads to which service: public names, which hosts that face the outside serve, and the header and the internal name that callers inside use.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging',
    '<%= config.bin %> <%= command.id %> --service billing',
  ]

  static override flags = {
    env: envFlag,
    service: Flags.string({helpValue: 'NAME', summary: 'only the names of this one'}),
  }

  async run(): Promise<RoutesReport> {
    const {flags} = await this.parse(RoutesList)
    const yard = await this.yard()
    const report = await listRoutes(
      {catalog: await yard.catalog(), report: yard.report},
      {
        environment: flags.env,
        service: flags.service,
        declaredEnvironments: await declaredEnvironments(yard),
      },
    )
    this.print(() => routesView(report))
    return report
  }
}
