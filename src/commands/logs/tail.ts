import {Args, Flags} from '@oclif/core'

import {tailNeeds} from '../../app/tail-needs.js'
import {watchReader} from '../../app/watch-reader.js'
import {envFlag, YardCommand} from '../../app/yard-command.js'
import {levels} from '../../domain/logs/level.js'
import {exitCodes} from '../../errors.js'
import {tail, type TailedLine} from '../../lifecycle/tail.js'
import {tailRequest} from '../../lifecycle/tail-request.js'
import {writeLines} from '../../terminal/log-stream.js'
import {logView, rawLogView} from '../../terminal/log-view.js'

export default class LogsTail extends YardCommand {
  static override summary = 'show the merged logs of all instances, live'

  static override description = `Merges the logs of all instances of a service, or of all services, in the order of their times, and goes on with what
they write from now on. Lines of JSON loggers are shown for people. Terminal escapes in log text are shown by their
codes, so they can do nothing; --raw and --json leave the text as it was written.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> hello',
    '<%= config.bin %> <%= command.id %> hello --since 5m --level warn --no-follow',
    "<%= config.bin %> <%= command.id %> --grep '/timeout|refused/' --json",
    '<%= config.bin %> <%= command.id %> hello --since 10m --release 4',
  ]

  static override args = {
    service: Args.string({ignoreStdin: true, description: 'name of a service; all without it'}),
  }

  static override flags = {
    env: envFlag,
    all: Flags.boolean({summary: 'also show HAProxy and the supervisor'}),
    follow: Flags.boolean({allowNo: true, default: true, summary: 'go on with new lines'}),
    grep: Flags.string({helpValue: 'TEXT|/REGEX/', summary: 'only lines with this text'}),
    level: Flags.option({options: levels, summary: 'only lines of at least this level'})(),
    lines: Flags.integer({
      helpValue: 'N',
      max: 1_000_000,
      min: 0,
      summary: 'start with the last N lines (default 50, or all with --since)',
    }),
    raw: Flags.boolean({exclusive: ['json'], summary: 'show only the text, as it was written'}),
    release: Flags.string({helpValue: 'NUMBER', summary: 'only lines of this release of the service'}),
    since: Flags.string({helpValue: '5m|TIME', summary: 'start with lines no older than this'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(LogsTail)
    const yard = await this.yard()
    const stopped = new AbortController()
    const {all, follow, grep, level, lines: count, release, since} = flags
    const words = {environment: flags.env, service: args.service, release, all, since, lines: count, follow}
    const request = tailRequest({...words, grep, level}, yard.clock.now(), await yard.regularExpressions())
    const lines = await tail(await tailNeeds(yard), request, AbortSignal.any([yard.signal, stopped.signal]))
    const isRead = watchReader(process.stdout.fd)
    await writeLines(shown(lines, this.view(flags.raw)), process.stdout, () => stopped.abort(), isRead)
    // Ctrl-C is how following ends: nothing to explain, but a script can tell.
    if (yard.signal.aborted) this.endWith(exitCodes.interrupted)
  }

  /** Each line was shown already; there is no result after the last one. */
  override logJson(): void {
    return undefined
  }

  private view(raw: boolean): (line: TailedLine) => string {
    if (this.jsonEnabled()) return (line) => JSON.stringify(line)
    return raw ? rawLogView : logView()
  }
}

async function* shown(
  lines: AsyncIterable<TailedLine>,
  view: (line: TailedLine) => string,
): AsyncIterable<string> {
  for await (const line of lines) yield view(line)
}
