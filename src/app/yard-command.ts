import {Command, Flags} from '@oclif/core'

import {type Report} from '../contracts/report.js'
import {inEnvironment} from '../domain/next-line.js'
import {withNext, YardError} from '../errors.js'
import {errorLine, type JsonLines, jsonLines} from '../terminal/json-lines.js'
import {type Progress, showProgress} from '../terminal/progress.js'
import {auditCommand, shapeOf} from './audit-command.js'
import {watchForInterruption} from './interruption.js'
import {openYard} from './open-yard.js'
import {isLiveTerminal} from './terminal-settings.js'
import {type Yard} from './yard.js'

/** For commands that work in one environment. */
export const envFlag = Flags.string({
  char: 'e',
  default: 'local',
  env: 'YARD_ENV',
  helpValue: 'NAME',
  summary: 'environment to work in',
})

export const dryRunFlag = Flags.boolean({
  default: false,
  summary: 'show what would be done, and do nothing',
})

/** For commands of many steps, which a program may want to follow. */
export const jsonLinesFlag = Flags.boolean({
  exclusive: ['json'],
  summary: 'one line of JSON for each step as it comes, and the result as one more',
})

/** The base of every command: `--json`, the shared flags, and the one place where a command gets its world from. */
export abstract class YardCommand extends Command {
  static override enableJsonFlag = true

  static override baseFlags = {
    catalog: Flags.string({
      env: 'YARD_CATALOG',
      helpGroup: 'GLOBAL',
      helpValue: 'URL',
      summary: 'catalog to use, such as sqlite:/srv/yard/catalog.db',
    }),
    platform: Flags.string({
      env: 'YARD_PLATFORM',
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
      summary: 'platform file to use instead of the nearest yard.yaml',
    }),
  }

  /** Set by commands that change an environment or the catalog: each run is a row of the audit. */
  static changes = false

  private opened: Promise<Yard> | undefined
  private readonly startedAt = new Date()
  private progress: Progress | undefined
  private given: {flags: Record<string, unknown>; args: Record<string, unknown>} = {flags: {}, args: {}}
  private result: unknown
  /** With `--json-lines`. */
  private lines: JsonLines | undefined

  /** Keeps what the command returns, because the audit names the service that it is about. */
  override async init(): Promise<void> {
    await super.init()
    const run = this.run.bind(this) as () => Promise<unknown>
    this.run = async () => {
      this.result = await run()
      this.lines?.tell({kind: 'result', result: this.result})
      return this.result
    }
  }

  /** Opens the world of this command once. */
  protected yard(): Promise<Yard> {
    this.opened ??= this.open()
    return this.opened
  }

  /** Shows the result to a person; silent with `--json`, which doesn't even ask for the text of a costly view. */
  protected print(view: string | (() => string)): void {
    this.progress?.finish()
    if (this.jsonEnabled() || this.lines !== undefined) return
    const text = typeof view === 'string' ? view : view()
    if (text !== '') this.log(text)
  }

  /** One value of a stream, as one line of JSON. */
  protected printJsonLine(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`)
  }

  /** Ends the command with this exit code although it has a result to show, as a failed smoke test does. */
  protected endWith(exitCode: number): void {
    process.exitCode = exitCode
  }

  override logJson(value: unknown): void {
    this.progress?.finish()
    process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
  }

  /**
   * Nothing is swallowed here: `runCli` shows every error in one way and keeps the exit code with `--json`. Lines to paste
   * name the environment that the command was about: who speaks of one host doesn't know where it belongs.
   */
  override async catch(error: Error): Promise<never> {
    // A promotion has two of them, and what is told is mostly of the one where it goes.
    const {env, to} = this.given.flags as {env?: string; to?: unknown}
    const environment = typeof to === 'string' ? to : env
    if (!(error instanceof YardError)) throw error
    const told =
      environment === undefined ? error : withNext(error, (line) => inEnvironment(line, environment))
    this.lines?.tell(errorLine(told))
    throw told
  }

  override async finally(error: Error | undefined): Promise<void> {
    this.progress?.finish()
    const opened = await this.opened?.catch(() => undefined)
    if (opened === undefined) return
    // A dry run changes nothing, so there is nothing to tell.
    const flags = this.given.flags as {'dry-run'?: boolean; plan?: boolean; check?: boolean}
    const isDryRun = flags['dry-run'] === true || flags.plan === true || flags.check === true
    if ((this.ctor as typeof YardCommand).changes && !isDryRun) {
      await auditCommand(opened, {
        command: this.id ?? '',
        argv: this.argv,
        shape: shapeOf(this.ctor),
        ...this.given,
        startedAt: this.startedAt,
        result: this.result,
        error,
      })
    }
    await opened.close()
  }

  private async open(): Promise<Yard> {
    const {args, flags} = await this.parse(this.ctor)
    this.given = {args, flags}
    this.progress = await showProgress({
      stream: process.stderr,
      isLive: isLiveTerminal() && !this.jsonEnabled(),
    })
    if ((flags as {'json-lines'?: boolean})['json-lines'] === true) {
      this.lines = jsonLines(
        (line) => this.printJsonLine(line),
        () => new Date(),
      )
    }
    const report: Report = this.lines?.report ?? this.progress.report
    return openYard({
      root: this.config.root,
      catalogUrl: (flags as {catalog?: string}).catalog,
      platformFile: (flags as {platform?: string}).platform,
      report,
      signal: watchForInterruption(),
    })
  }
}
