import {Flags} from '@oclif/core'

import {YardCommand} from '../../app/yard-command.js'
import {type AuditVerifyReport, verifyAudit} from '../../lifecycle/audit/verify.js'
import {auditVerifyView} from '../../terminal/audit-view.js'

export default class AuditVerify extends YardCommand {
  static override summary = 'check that no row of the audit was changed or removed'

  static override description = `Every row carries the SHA-256 of itself and of the row before it, and the audit knows its newest one. A changed,
removed or inserted row is found, and so is a tail that was cut off. Somebody who can write to the store could also
make the whole chain anew: against that, keep what this prints in another place and give it to --expect later.
The hash of a row is taken of its JSON without "hash", keys sorted, no spaces (RFC 8785), as UTF-8.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  static override flags = {
    expect: Flags.string({helpValue: 'COUNT:HASH', summary: 'what an earlier check printed'}),
  }

  async run(): Promise<AuditVerifyReport> {
    const {flags} = await this.parse(AuditVerify)
    const yard = await this.yard()
    const report = await verifyAudit({catalog: await yard.catalog()}, {expect: flags.expect})
    this.print(auditVerifyView(report))
    return report
  }
}
