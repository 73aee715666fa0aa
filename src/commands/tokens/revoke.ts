import {Args} from '@oclif/core'

import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {revokeToken, type TokenRevokeReport} from '../../lifecycle/tokens/revoke.js'
import {tokenRevokedView} from '../../terminal/tokens-view.js'

export default class TokensRevoke extends YardCommand {
  static override summary = 'take a token for the catalog out of use'

  static override description =
    'Revokes a token for good. Every "yard serve" refuses it from its next request on, and ends what it has open. Its name can be used for a new one.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> ci',
    '<%= config.bin %> <%= command.id %> ci --dry-run',
  ]

  static override changes = true

  static override args = {
    token: Args.string({ignoreStdin: true, description: 'name or id of a token', required: true}),
  }

  static override flags = {'dry-run': dryRunFlag}

  async run(): Promise<TokenRevokeReport> {
    const {args, flags} = await this.parse(TokensRevoke)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), clock: yard.clock, report: yard.report}
    const revoked = await revokeToken(needs, {token: args.token, dryRun: flags['dry-run']})
    this.print(tokenRevokedView(revoked, yard.clock.now()))
    return revoked
  }
}
