import {Flags} from '@oclif/core'

import {YardCommand} from '../../app/yard-command.js'
import {type AuditEntry} from '../../domain/audit-entry.js'
import {listAudit} from '../../lifecycle/audit/list.js'
import {auditView} from '../../terminal/audit-view.js'

export default class Audit extends YardCommand {
  static override summary = 'show who changed what'

  static override description =
    'Every command that changes something leaves a row: who, where, what, how it ended and how long it took. Words of the command line that may be secret are kept as …. The newest row comes last.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --service hello --since 2d',
    '<%= config.bin %> <%= command.id %> --by ada --limit 10 --json',
  ]

  static override flags = {
    by: Flags.string({helpValue: 'TEXT', summary: 'only of people or tokens with this in their name'}),
    env: Flags.string({char: 'e', helpValue: 'NAME', summary: 'only what was done to this environment'}),
    limit: Flags.integer({
      default: 50,
      helpValue: 'N',
      max: 100_000,
      min: 1,
      summary: 'at most so many rows',
    }),
    service: Flags.string({helpValue: 'NAME', summary: 'only what was done to this service'}),
    since: Flags.string({helpValue: '2d|TIME', summary: 'only what ended no longer ago than this'}),
  }

  async run(): Promise<AuditEntry[]> {
    const {flags} = await this.parse(Audit)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), clock: yard.clock, report: yard.report}
    const {by, env: environment, limit, service, since} = flags
    const rows = await listAudit(needs, {by, environment, limit, service, since})
    this.print(auditView(rows, yard.clock.now()))
    return rows
  }
}
