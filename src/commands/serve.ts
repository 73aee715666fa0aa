import {Flags} from '@oclif/core'

import {YardCommand} from '../app/yard-command.js'
import {type RequestLogLine} from '../server/request-log.js'
import {type ServeReport} from '../server/serve-catalog.js'
import {servingView} from '../terminal/serve-view.js'

export default class Serve extends YardCommand {
  static override summary = 'serve the catalog over HTTP'

  static override description =
    'Serves the catalog to the rest of the team until Ctrl-C: reads, writes and watches, for those who have a token of "yard tokens create". It listens on this machine only, unless it has a certificate or a proxy before it does TLS. /openapi.json describes it. Requests are logged on stderr, without tokens and values.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --listen 127.0.0.1:7601 --quiet',
    '<%= config.bin %> <%= command.id %> --listen 0.0.0.0:7600 --tls-certificate server.pem --tls-key server.key',
  ]

  static override flags = {
    listen: Flags.string({
      default: '127.0.0.1:7600',
      helpValue: 'ADDRESS:PORT',
      summary: 'where to listen; port 0 takes any that is free',
    }),
    'tls-certificate': Flags.string({
      helpValue: 'FILE',
      summary: 'certificate to show, with those of its authorities (PEM)',
    }),
    'tls-key': Flags.string({helpValue: 'FILE', summary: 'key of the certificate (PEM)'}),
    'behind-proxy': Flags.boolean({summary: 'a proxy does TLS, and nobody else gets to the port'}),
    quiet: Flags.boolean({summary: "don't log requests"}),
  }

  async run(): Promise<ServeReport> {
    const {flags} = await this.parse(Serve)
    const yard = await this.yard()
    const {serveCatalog} = await import('../server/serve-catalog.js')
    const request = {
      listen: flags.listen,
      tlsCertificate: flags['tls-certificate'],
      tlsKey: flags['tls-key'],
      isBehindProxy: flags['behind-proxy'],
      version: this.config.version,
      catalogKind: (await yard.catalogLocation()).kind,
    }
    const log = (line: RequestLogLine) => {
      if (!flags.quiet) process.stderr.write(`${JSON.stringify(line)}\n`)
    }
    const {clock, report, signal} = yard
    return serveCatalog({catalog: await yard.catalog(), clock, report, log, signal}, request, (serving) => {
      if (this.jsonEnabled()) this.printJsonLine(serving)
      else this.print(servingView(serving))
    })
  }

  /** Where it listens was said when it began; there is no result after the last request. */
  override logJson(): void {
    return undefined
  }
}
