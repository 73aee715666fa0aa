import {Flags} from '@oclif/core'

import {runSidecarHere} from '../../app/sidecar.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {type SidecarRunReport} from '../../lifecycle/sidecar/run.js'
import {sidecarRunView} from '../../terminal/sidecar-view.js'

export default class SidecarRun extends YardCommand {
  static override summary = "keep this machine's HAProxy right"

  static override description =
    'Watches the catalog and makes the HAProxy of this machine follow, within moments and without losing a request. It starts from what it knew last when the catalog is away, and HAProxy goes on when it ends. On hosts systemd runs it: "yard render sidecar" prints the units.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging --host web-1',
    '<%= config.bin %> <%= command.id %> --env staging --host web-1 --door-port 7172',
  ]

  static override flags = {
    env: envFlag,
    host: Flags.string({
      required: true,
      helpValue: 'NAME',
      summary: 'host of the catalog that this machine is',
    }),
    systemd: Flags.boolean({summary: 'systemd starts HAProxy, and hears how the sidecar is'}),
    'door-port': Flags.integer({
      min: 1,
      max: 65_535,
      helpValue: 'PORT',
      summary: "port on 127.0.0.1 for /status and /metrics; two above the router's unless given",
    }),
    directory: Flags.string({
      helpValue: 'DIR',
      summary: 'where the configuration and the last good state are kept',
    }),
    'runtime-directory': Flags.string({helpValue: 'DIR', summary: "where HAProxy's sockets are"}),
    'stop-haproxy': Flags.boolean({
      summary: 'end HAProxy, too, when the sidecar ends',
      exclusive: ['systemd'],
    }),
  }

  async run(): Promise<SidecarRunReport> {
    const {flags} = await this.parse(SidecarRun)
    return runSidecarHere(
      await this.yard(),
      {
        environment: flags.env,
        host: flags.host,
        isUnderSystemd: flags.systemd,
        doorPort: flags['door-port'],
        directory: flags.directory,
        runtimeDirectory: flags['runtime-directory'],
        stopsHaproxy: flags['stop-haproxy'],
        version: this.config.version,
      },
      (report) => this.print(sidecarRunView(report)),
    )
  }
}
