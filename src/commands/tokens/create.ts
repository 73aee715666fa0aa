import {randomBytes} from 'node:crypto'

import {Args, Flags} from '@oclif/core'

import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {roles} from '../../domain/api-token.js'
import {createToken, type TokenCreateReport} from '../../lifecycle/tokens/create.js'
import {tokenCreatedView} from '../../terminal/tokens-view.js'

export default class TokensCreate extends YardCommand {
  static override summary = 'make a token for the catalog over HTTP'

  static override description =
    'Makes a token with which somebody may use the catalog through "yard serve", and shows it once. A reader reads everything but tokens; a deployer also registers, deploys and sets config; an admin may do everything.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> ci --role deployer --expires 90d',
    '<%= config.bin %> <%= command.id %> dashboard --role reader --json',
  ]

  static override changes = true

  static override args = {
    name: Args.string({
      ignoreStdin: true,
      description: 'who will use it, such as ci or web-1',
      required: true,
    }),
  }

  static override flags = {
    role: Flags.option({options: roles, required: true, summary: 'what it may do'})(),
    expires: Flags.string({
      helpValue: 'TIME',
      summary: 'how long it can be used, such as 90d; for ever without it',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<TokenCreateReport> {
    const {args, flags} = await this.parse(TokensCreate)
    const yard = await this.yard()
    const needs = {
      catalog: await yard.catalog(),
      clock: yard.clock,
      report: yard.report,
      randomBytes,
      actor: yard.actor,
    }
    const {expires, role} = flags
    const created = await createToken(needs, {name: args.name, role, expires, dryRun: flags['dry-run']})
    this.print(tokenCreatedView(created))
    return created
  }
}
