import {existsSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'

import {type StopOutcome} from '../../contracts/process-manager.js'
import {LineSplitter} from '../../domain/logs/line-splitter.js'
import {type Child, type ChildOutput, startChild} from './child.js'
import {endGroup} from './group-end.js'
import {identify, type ProcessIdentity} from './process-table.js'
import {type KeptSpec, type KeptStatus, writeStatus} from './records.js'
import {RotatingLog} from './rotating-log.js'
import {type StopWish} from './stop-wish.js'

/** How long output may still come from processes that left the group. */
const lateOutputMillis = 200

/** Keeps one process running until it is asked to stop. Everything about it is in the process directory. */
export class KeeperLoop {
  private readonly log: RotatingLog
  private status: KeptStatus

  constructor(
    private readonly directory: string,
    private readonly spec: KeptSpec,
    private readonly stop: StopWish,
    /** Lives in this program's memory only; needed again each time the process is started. */
    private readonly secrets: Readonly<Record<string, string>> = {},
  ) {
    const keeper = identify(process.pid)
    if (keeper === undefined) throw new Error('the keeper is not in the process table')
    this.log = new RotatingLog(directory, spec.limits)
    this.status = {keeper, state: 'starting', since: new Date().toISOString(), restarts: 0}
  }

  /** Returns when nothing of the process is left. `leftover`: what a keeper that was killed left running. */
  async run(leftover: ProcessIdentity | undefined): Promise<void> {
    this.show(leftover === undefined ? {} : {child: leftover})
    if (leftover !== undefined) await this.endLeftover(leftover)
    let pause = this.spec.limits.firstPauseMillis
    let outcome: StopOutcome = 'terminated'
    while (!this.stop.signal.aborted) {
      const startedAt = Date.now()
      const child = await this.startOnce()
      if (typeof child !== 'string') {
        const wasStopped = await Promise.race([
          child.ended.then(() => false),
          this.stop.wished.then(() => true),
        ])
        if (wasStopped) {
          outcome = await this.stopChild(child)
          break
        }
        await this.endRest(child)
        if (Date.now() - startedAt >= this.spec.limits.steadyMillis) pause = this.spec.limits.firstPauseMillis
      }
      await this.backOff(typeof child === 'string' ? child : await child.ended, pause)
      pause = Math.min(pause * 2, this.spec.limits.longestPauseMillis)
    }
    this.log.note('stopped')
    this.show({state: 'stopped', stopOutcome: outcome, nextStartAt: undefined, child: undefined})
    this.log.close()
  }

  private async startOnce(): Promise<Child | string> {
    if (!existsSync(this.spec.directory)) return `no directory ${this.spec.directory}`
    const variables = {...this.spec.variables, ...this.secrets}
    const child = await startChild({...this.spec, variables}, this.output())
    if (typeof child === 'string') return child
    this.show({state: 'running', child: child.identity, nextStartAt: undefined})
    this.log.note(`started, pid ${child.identity.pid}`)
    child.open()
    return child
  }

  /** Splits the output of one run into lines; a last line without an end counts. */
  private output(): ChildOutput {
    const splitters = {stdout: new LineSplitter(), stderr: new LineSplitter()}
    return {
      onChunk: (stream, chunk) => this.log.write(stream, splitters[stream].push(chunk)),
      onEnd: (stream) => this.log.write(stream, splitters[stream].flush()),
    }
  }

  private async stopChild(child: Child): Promise<StopOutcome> {
    this.show({state: 'stopping', nextStartAt: undefined})
    const outcome = await endGroup(child.identity, () => this.stop.killAt())
    await child.ended
    await child.drained(lateOutputMillis)
    return outcome === 'not-running' ? 'terminated' : outcome
  }

  /** It ended by itself; what it started and left in its group would hold its port. */
  private async endRest(child: Child): Promise<void> {
    const killAt = Date.now() + this.spec.limits.graceMillis
    await endGroup(child.identity, () => Math.min(killAt, this.stop.killAt()))
    await child.drained(lateOutputMillis)
  }

  private async endLeftover(leftover: ProcessIdentity): Promise<void> {
    const killAt = Date.now() + this.spec.limits.graceMillis
    const outcome = await endGroup(leftover, () => Math.min(killAt, this.stop.killAt()))
    if (outcome !== 'not-running')
      this.log.note(`ended what an earlier keeper left running, pid ${leftover.pid}`)
  }

  private async backOff(lastExit: string, pauseMillis: number): Promise<void> {
    const nextStartAt = new Date(Date.now() + pauseMillis).toISOString()
    this.log.note(`ended by itself (${lastExit}), next start in ${pauseMillis / 1_000} s`)
    this.show({
      state: 'backing-off',
      lastExit,
      nextStartAt,
      child: undefined,
      restarts: this.status.restarts + 1,
    })
    await sleep(pauseMillis, undefined, {signal: this.stop.signal}).catch(() => undefined)
  }

  private show(change: {[Key in keyof KeptStatus]?: KeptStatus[Key] | undefined}): void {
    const isNewState = change.state !== undefined && change.state !== this.status.state
    const since = isNewState ? new Date().toISOString() : this.status.since
    this.status = {...this.status, ...change, since} as KeptStatus
    writeStatus(this.directory, this.status)
  }
}
