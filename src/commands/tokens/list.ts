import {YardCommand} from '../../app/yard-command.js'
import {type ListedToken, listTokens} from '../../lifecycle/tokens/list.js'
import {tokensView} from '../../terminal/tokens-view.js'

export default class TokensList extends YardCommand {
  static override summary = 'list the tokens for the catalog over HTTP'

  static override description =
    'Shows every token with what it may do, who made it, and whether it can still be used. The tokens themselves are kept nowhere.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<ListedToken[]> {
    await this.parse(TokensList)
    const yard = await this.yard()
    const needs = {catalog: await yard.catalog(), clock: yard.clock, report: yard.report}
    const tokens = await listTokens(needs)
    this.print(tokensView(tokens, yard.clock.now()))
    return tokens
  }
}
