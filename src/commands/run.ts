import {Args, Flags} from '@oclif/core'

import {yesFlag} from '../app/confirm.js'
import {serviceMeant} from '../app/deploy-meant.js'
import {rolloutNeeds} from '../app/deploy-needs.js'
import {envFlag, YardCommand} from '../app/yard-command.js'
import {runOnce, type RunOnceReport} from '../lifecycle/run-once/run.js'
import {splitAtDashes, timeoutOf} from '../lifecycle/run-once/words.js'
import {lineWriter} from '../terminal/run-output.js'

export default class Run extends YardCommand {
  static override changes = true
  static override summary = 'run a program once with the release that is live'

  static override description =
    'What follows "--" is run on a host where the release is, as the user, with the variables, the secrets and the limits of its instances. Its output is shown as it comes, its exit code is passed on (128 and the number of the signal for one that was ended by a signal), and Ctrl-C ends it there. It gets nothing on stdin. With --json its output goes to stderr.'

  static override usage = '<%= command.id %> [SERVICE] [flags] -- PROGRAM [ARGUMENT...]'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env local -- node --version',
    '<%= config.bin %> <%= command.id %> hello --host localhost --timeout 10m -- node --eval "console.log(process.env.YARD_RELEASE)"',
  ]

  static override args = {
    service: Args.string({
      ignoreStdin: true,
      description: 'name of a registered service; the one in this directory without it',
    }),
  }

  static override flags = {
    env: envFlag,
    host: Flags.string({
      helpValue: 'NAME',
      summary: 'where to run it; the first host that has the release without it',
    }),
    timeout: Flags.string({default: '24h', helpValue: '10m', summary: 'end it when it takes longer'}),
    yes: yesFlag,
  }

  private whole: string[] = []
  /** The program and its arguments; nothing of them is a flag or an argument of yard. */
  private words: readonly string[] = []

  override async init(): Promise<void> {
    const {own, words} = splitAtDashes(this.argv)
    this.whole = this.argv
    this.words = words
    this.argv = own
    await super.init()
  }

  async run(): Promise<RunOnceReport> {
    const {args, flags} = await this.parse(Run)
    const yard = await this.yard()
    const report = await runOnce(await rolloutNeeds(yard, flags.yes), {
      service: await serviceMeant(yard, args.service, 'run a process'),
      environment: flags.env,
      words: this.words,
      host: flags.host,
      timeoutMillis: timeoutOf(flags.timeout),
      onLine: lineWriter(this.jsonEnabled() ? process.stderr : process.stdout),
    })
    this.endWith(report.exitCode)
    return report
  }

  override async finally(error: Error | undefined): Promise<void> {
    // The audit sees the whole line.
    this.argv = this.whole
    await super.finally(error)
  }
}
