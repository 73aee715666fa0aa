import {setTimeout as sleep} from 'node:timers/promises'

import {type execa as Execa} from 'execa'

import {type CommandRunner, type RunOptions, type RunResult} from '../../contracts/command-runner.js'
import {Captured} from './captured.js'
import {guarded} from './guarded-command.js'
import {LastOutput} from './last-output.js'

/*
 * execa 9.6.1. `forceKillAfterDelay`, `timeout` and `cleanup` reach the program only and not its children, so they
 * are off and the whole process group is signalled here.
 */

const killAfterMillis = 2_000
/** How long output is still heard from processes that left the group and hold the pipes. */
const lateOutputMillis = 200
const notFoundExitCode = 127

export interface LocalCommandSettings {
  /** What every program gets besides the variables of its run. */
  baseVariables: Readonly<Record<string, string>>
}

/** Runs programs of this machine, each in a process group of its own that never outlives the run. */
export class LocalCommandRunner implements CommandRunner {
  constructor(private readonly settings: LocalCommandSettings) {}

  async run(
    command: {file: string; args: string[]} | {line: string},
    options: RunOptions,
  ): Promise<RunResult> {
    if (options.signal?.aborted === true) return {outcome: 'aborted', lastLines: []}
    const {execa} = await import('execa')
    const variables = {...this.settings.baseVariables, ...options.variables}
    return new Run(launch(execa, guarded(command), options, variables), options).result()
  }
}

function launch(
  execa: typeof Execa,
  args: string[],
  {directory, input}: RunOptions,
  variables: Record<string, string>,
) {
  return execa('/bin/sh', args, {
    cwd: directory,
    env: variables,
    extendEnv: false,
    detached: true,
    cleanup: false,
    forceKillAfterDelay: false,
    buffer: false,
    reject: false,
    encoding: 'buffer',
    // The fourth is for the guard: Node closes a pipe to stdin as soon as the program itself has ended.
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  })
}

type Program = ReturnType<typeof launch>

/** One program from its start to the end of its group. */
class Run {
  private interruption: 'timed-out' | 'aborted' | undefined
  private readonly output: LastOutput
  private readonly captured: Captured | undefined
  private readonly exit: Promise<Exit>
  /** All output is over: nothing of the group holds the pipes any more. */
  private readonly heard: Promise<unknown>
  private killTimer: NodeJS.Timeout | undefined
  private isKilled = false

  constructor(
    private readonly program: Program,
    private readonly options: RunOptions,
  ) {
    this.output = new LastOutput(options.onLine)
    this.exit = exitOf(program)
    this.captured = options.captureBytes === undefined ? undefined : new Captured(options.captureBytes)
    const stdout = this.captured?.listen(program.stdout as AsyncIterable<Buffer>)
    this.heard = Promise.all([stdout ?? this.listen(program.stdout), this.listen(program.stderr)])
    // A program need not read it: one that ends before closes the pipe.
    program.stdin?.on('error', () => undefined).end(options.input)
  }

  async result(): Promise<RunResult> {
    const deadline = setTimeout(() => this.interrupt('timed-out'), this.options.deadlineMillis)
    const abort = () => this.interrupt('aborted')
    this.options.signal?.addEventListener('abort', abort, {once: true})
    // It may have aborted while the program was being started.
    if (this.options.signal?.aborted === true) abort()
    try {
      const exit = await this.exit
      // What it left in the background is asked for its last words when interrupted, and ended at once otherwise.
      const patience = this.interruption === undefined ? lateOutputMillis : killAfterMillis
      await Promise.race([this.heard, sleep(patience, undefined, {ref: false})])
      this.signal('SIGKILL')
      await Promise.race([this.heard, sleep(lateOutputMillis)])
      this.program.stdout.destroy()
      this.program.stderr.destroy()
      await this.heard
      await this.program
      return this.describe(exit)
    } finally {
      clearTimeout(deadline)
      clearTimeout(this.killTimer)
      this.options.signal?.removeEventListener('abort', abort)
    }
  }

  private listen(stream: AsyncIterable<unknown>): Promise<void> {
    return this.output.listen(stream as AsyncIterable<Buffer>)
  }

  private interrupt(why: 'timed-out' | 'aborted'): void {
    if (this.interruption !== undefined) return
    this.interruption = why
    this.signal('SIGTERM')
    this.signal('SIGCONT')
    this.killTimer = setTimeout(() => this.signal('SIGKILL'), killAfterMillis)
  }

  /** To the whole group. Its number can't have been given to others: the guard is in it until SIGKILL. */
  private signal(name: NodeJS.Signals): void {
    const {pid} = this.program
    if (pid === undefined || this.isKilled) return
    if (name === 'SIGKILL') this.isKilled = true
    try {
      process.kill(-pid, name)
    } catch {
      // Nothing of it is left.
    }
  }

  private describe(exit: Exit): RunResult {
    const {lastLines} = this.output
    if (this.interruption !== undefined) return {outcome: this.interruption, ...exit, lastLines}
    if (this.program.pid === undefined)
      return {outcome: 'not-found', lastLines: ['its directory does not exist']}
    if (exit.exitCode === notFoundExitCode) return {outcome: 'not-found', ...exit, lastLines}
    const stdout = this.captured?.text()
    const captured = stdout === undefined ? {} : {stdout}
    return {outcome: exit.exitCode === 0 ? 'succeeded' : 'failed', ...exit, ...captured, lastLines}
  }
}

type Exit = Pick<RunResult, 'exitCode' | 'signal'>

function exitOf(program: Program): Promise<Exit> {
  if (program.pid === undefined) return Promise.resolve({})
  return new Promise((resolve) => {
    program.once('exit', (code, signal) => resolve(signal === null ? {exitCode: code ?? 0} : {signal}))
  })
}
