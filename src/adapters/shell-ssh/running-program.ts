import {type ClientChannel} from 'ssh2'

import {type RemoteProgram, type RemoteResult} from '../../contracts/remote-shell.js'
import {AfterMark} from './after-mark.js'
import {type Capture} from './capture.js'
import {type Connection} from './connection.js'
import {killingLine} from './lines.js'
import {openSession} from './session.js'

export interface ProgramParts {
  connection: Connection
  channel: ClientChannel
  mark: string
  /** Takes what it writes to stdout; a promise makes it wait. */
  hear: (chunk: Buffer) => Promise<void> | undefined
  /** Called when no more comes. */
  hearEnd?: () => Promise<void> | undefined
  /** What of it is in the result. */
  output: Capture
  errors: Capture
  deadlineMillis?: number | undefined
  silenceMillis?: number | undefined
  signal?: AbortSignal | undefined
}

const killMillis = 5_000
/** How long a machine may take to begin to end a program whose time is over. */
const expiredMillis = 2_000

/** A program over there, from the moment the sshd said that it runs. */
export class RunningProgram implements RemoteProgram {
  readonly ended: Promise<RemoteResult>
  private settle: {resolve: (result: RemoteResult) => void; reject: (error: unknown) => void} | undefined
  private exit: Pick<RemoteResult, 'exitCode' | 'signal'> | undefined
  private readonly outputMark: AfterMark
  private readonly errorsMark: AfterMark
  /** Those who wait for room to write, or for the end. */
  private readonly writers = new Set<(hasRoom: boolean) => void>()
  private readonly timers: NodeJS.Timeout[] = []
  private readonly undo: (() => void)[] = []
  private silence: NodeJS.Timeout | undefined
  private isHeld = false
  private isTimedOut = false
  private isGone = false
  private readonly gone: Promise<void>
  private tellBegun: (() => void) | undefined
  private readonly begun = new Promise<void>((resolve) => (this.tellBegun = resolve))

  constructor(private readonly parts: ProgramParts) {
    const {channel, connection, deadlineMillis, errors, mark, signal, silenceMillis} = parts
    this.outputMark = new AfterMark(mark)
    this.errorsMark = new AfterMark(mark)
    this.ended = new Promise((resolve, reject) => (this.settle = {resolve, reject}))
    // Who only writes never looks at it.
    this.ended.catch(() => undefined)
    this.gone = new Promise((resolve) => {
      channel.on('close', () => {
        this.isGone = true
        resolve()
        void this.endOfOutput()
      })
    })
    channel.on('error', () => undefined)
    channel.on('exit', (code: number | null, name?: string) => {
      this.exit = {...(code !== null && {exitCode: code}), ...(name !== undefined && {signal: name})}
    })
    channel.on('data', (chunk: Buffer) => this.heard(chunk))
    channel.on('drain', () => this.tellWriters(true))
    channel.stderr.on('data', (chunk: Buffer) => {
      this.touch()
      errors.add(this.errorsMark.pass(chunk))
    })
    this.undo.push(connection.onLost(() => this.tellWriters(false)))
    if (deadlineMillis !== undefined) this.timers.push(setTimeout(() => void this.expire(), deadlineMillis))
    if (silenceMillis !== undefined) {
      this.silence = setTimeout(() => this.onSilence(), silenceMillis)
      this.timers.push(this.silence)
    }
    if (signal !== undefined) {
      const stop = () => void this.stop()
      signal.addEventListener('abort', stop)
      this.undo.push(() => signal.removeEventListener('abort', stop))
      if (signal.aborted) stop()
    }
  }

  write(chunk: string | Uint8Array): Promise<boolean> {
    const {channel, connection} = this.parts
    if (this.settle === undefined || this.isGone || connection.isLost || !channel.writable)
      return Promise.resolve(false)
    this.touch()
    if (channel.write(chunk)) return Promise.resolve(true)
    return new Promise((resolve) => this.writers.add(resolve))
  }

  endInput(): void {
    if (!this.isGone && this.parts.channel.writable) this.parts.channel.end()
  }

  async stop(): Promise<RemoteResult> {
    if (this.settle !== undefined) {
      await this.kill()
      await this.untilGone(killMillis)
      this.finish('lost')
      // One that may not be ended by this user hears at least that its input ended.
      if (!this.isGone) this.parts.channel.close()
    }
    return this.ended
  }

  private heard(chunk: Buffer): void {
    this.touch()
    const own = this.outputMark.pass(chunk)
    if (this.outputMark.hasBegun) this.onBegun()
    if (own.length === 0 || this.settle === undefined) return
    this.wait(() => this.parts.hear(own))
  }

  /** Nothing more is read while somebody is busy with what was. */
  private wait(hear: () => Promise<void> | undefined): void {
    const {channel} = this.parts
    try {
      const taken = hear()
      if (taken === undefined) return
      channel.pause()
      this.isHeld = true
      const release = () => {
        this.isHeld = false
        this.touch()
        channel.resume()
      }
      taken.then(release, (error: unknown) => {
        release()
        this.fail(error)
      })
    } catch (error) {
      this.fail(error)
    }
  }

  private onBegun(): void {
    if (this.outputMark.word === '') this.parts.connection.tellsNumbers = false
    this.tellBegun?.()
    this.tellBegun = undefined
  }

  private async endOfOutput(): Promise<void> {
    this.tellWriters(false)
    try {
      if (this.settle !== undefined) await this.parts.hearEnd?.()
      this.finish(this.outcome())
    } catch (error) {
      this.fail(error)
    }
  }

  private outcome(): RemoteResult['outcome'] {
    if (this.isTimedOut) return 'timed-out'
    // No exit code and no signal: nobody knows what became of it. Nor whether all of its output came.
    if (this.exit === undefined || this.parts.connection.isLost) return 'lost'
    const isWhole = this.outputMark.hasBegun && !this.parts.output.isCut
    return this.exit.exitCode === 0 && isWhole ? 'succeeded' : 'failed'
  }

  private finish(outcome: RemoteResult['outcome']): void {
    const {errors, output} = this.parts
    const stdout = this.outputMark.hasBegun ? output.text() : this.outputMark.before
    const stderr = this.errorsMark.hasBegun ? errors.text() : this.errorsMark.before
    this.leave()?.resolve({outcome, ...this.exit, stdout, stderr})
  }

  /** Who listens threw: that is a fault of this side. */
  private fail(error: unknown): void {
    const settle = this.leave()
    if (settle === undefined) return
    settle.reject(error)
    void this.kill()
  }

  private leave(): typeof this.settle {
    const {settle} = this
    this.settle = undefined
    for (const timer of this.timers) clearTimeout(timer)
    for (const undo of this.undo.splice(0)) undo()
    this.tellWriters(false)
    return settle
  }

  private touch(): void {
    if (this.settle !== undefined) this.silence?.refresh()
  }

  private tellWriters(hasRoom: boolean): void {
    for (const tell of [...this.writers]) tell(hasRoom)
    this.writers.clear()
  }

  private async expire(): Promise<void> {
    this.isTimedOut = true
    await Promise.race([this.kill(), this.untilGone(expiredMillis)])
    this.finish('timed-out')
    if (!this.isGone) this.parts.channel.close()
  }

  private onSilence(): void {
    if (this.isHeld) this.touch()
    else void this.expire()
  }

  /**
   * Closing a channel leaves the program running, and an sshd passes a signal on to nobody whose input has ended, nor to
   * programs of root. Resolves once the machine is at it.
   */
  private async kill(): Promise<void> {
    const {channel, connection} = this.parts
    if (this.isGone || connection.isLost) return
    await Promise.race([this.begun, this.untilGone(expiredMillis)])
    channel.signal('TERM')
    const line = killingLine(this.outputMark.word)
    if (line !== undefined) await openSession(connection, line, killMillis, (killing) => killing.resume())
  }

  private async untilGone(millis: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, millis)))
    await Promise.race([this.gone, late])
    clearTimeout(timer)
  }
}
