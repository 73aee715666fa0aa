import {type RemoteProgram, type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {hostCommand} from '../../domain/host-unit.js'
import {hostFault} from './instances-program.js'
import {StateReader, type UnitState} from './units-states.js'

/** The program there ends when it hears nothing for 30 s. */
const pulseMillis = 5_000
/** It says something every second. */
const silenceMillis = 5_000
/** Between two lines while it starts things: each takes a key of the machine and systemd. */
const startMillis = 120_000
const goodbyeMillis = 3_000

/**
 * The program that starts instances on a host and then tells of them for as long as it's listened to. What it started goes
 * on when the connection breaks.
 */
export class StateWatch {
  private states: ReadonlyMap<string, UnitState> | undefined
  private heardAt = 0
  private isOver = false
  private program: RemoteProgram | undefined
  private pulse: NodeJS.Timeout | undefined
  private hasStarted = false
  private onKnown: (() => void) | undefined

  private constructor(private readonly shell: RemoteShell) {}

  /**
   * Returns when all was started and is known. @param parts what the program reads, in this order
   * @throws YardError as `hostFault` says
   */
  static async start(
    shell: RemoteShell,
    args: readonly string[],
    parts: readonly Uint8Array[],
  ): Promise<StateWatch> {
    const watch = new StateWatch(shell)
    await watch.begin(args, parts)
    return watch
  }

  /** As last heard; undefined when the connection broke or nothing was heard for some seconds. */
  current(): ReadonlyMap<string, UnitState> | undefined {
    return this.isOver || Date.now() - this.heardAt > silenceMillis ? undefined : this.states
  }

  async close(): Promise<void> {
    clearInterval(this.pulse)
    const {program} = this
    if (program === undefined || this.isOver) return
    program.endInput()
    const timer = setTimeout(() => void program.stop(), goodbyeMillis)
    await program.ended
    clearTimeout(timer)
  }

  private async begin(args: readonly string[], parts: readonly Uint8Array[]): Promise<void> {
    const reader = new StateReader()
    const known = new Promise<void>((resolve) => (this.onKnown = resolve))
    const program = await this.shell.stream(
      {...hostCommand(args), silenceMillis: startMillis},
      {onLine: (line) => this.hear(line, reader)},
    )
    this.program = program
    const ended = program.ended.then((result) => {
      this.isOver = true
      clearInterval(this.pulse)
      return result
    })
    for (const part of parts) if (!(await program.write(part))) break
    this.pulse = setInterval(() => void program.write('.').catch(() => undefined), pulseMillis)
    this.pulse.unref()
    const result: RemoteResult | undefined = await Promise.race([known.then(() => undefined), ended])
    if (result !== undefined) throw hostFault(this.shell.host, 'start', result)
  }

  private hear(line: string, reader: StateReader): void {
    if (line === 'started') {
      this.hasStarted = true
      return
    }
    const now = Date.now()
    const read = this.hasStarted ? reader.read(line, now) : undefined
    if (read === undefined) return
    this.heardAt = now
    if (read !== 'same') this.states = read
    if (this.states !== undefined) this.onKnown?.()
  }
}
