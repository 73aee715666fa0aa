import {type Clock} from '../../contracts/clock.js'
import {type RouterHost} from '../../contracts/router-host.js'
import {type RunningWorker} from '../../domain/haproxy/answers.js'

import {portTaken, unconfirmed} from './router-faults.js'
import {type RunningHaproxy} from './running-haproxy.js'

const pollMillis = 20
const startPatienceMillis = 15_000
const returnPatienceMillis = 20_000
/** A question that takes so long meets somebody who doesn't react. */
const stuckMillis = 4_000
/** Without its socket for so long, HAProxy needs help. */
const lostSocketMillis = 1_000
const helpPauseMillis = 2_000

/** Sees to it that a HAProxy is there to talk to. */
export class Presence {
  constructor(
    private readonly host: RouterHost,
    private readonly running: RunningHaproxy,
    private readonly clock: Clock,
  ) {}

  /**
   * The worker that answers. One that was just killed is waited for; one that stands still, or that can't be reached by any
   * socket, is killed, so that whoever looks after it starts it again.
   * @throws YardError E_HAPROXY_UNCONFIRMED
   */
  async worker(): Promise<RunningWorker> {
    const started = this.clock.monotonicMillis()
    let helpedAt: number | undefined
    for (;;) {
      const askedAt = this.clock.monotonicMillis()
      const worker = await this.running.worker()
      if (worker !== undefined) return worker
      const now = this.clock.monotonicMillis()
      const isStuck = now - askedAt > stuckMillis
      // One silence may be the connection's; two are HAProxy's.
      const late = isStuck ? await this.running.worker() : undefined
      if (late !== undefined) return late
      const isPatient =
        helpedAt === undefined ? now - started > lostSocketMillis : now - helpedAt > helpPauseMillis
      if (isStuck || isPatient) {
        await this.help(isStuck || helpedAt !== undefined)
        helpedAt = this.clock.monotonicMillis()
      }
      if (this.clock.monotonicMillis() - started > returnPatienceMillis) {
        const lines = await this.host.lastLines()
        throw unconfirmed("Can't bring HAProxy to the new routes", 'it does not run', lines)
      }
      await this.clock.sleep(pollMillis)
    }
  }

  /**
   * Starts HAProxy from the files in place and waits until it answers with their generation.
   * @throws YardError E_PORT_TAKEN, E_HAPROXY_UNCONFIRMED; then nothing is left running
   */
  async launch(generation: string, listen: {address: string; port: number}): Promise<RunningWorker> {
    const before = await this.host.haproxyProcess()
    await this.host.startHaproxy()
    const started = this.clock.monotonicMillis()
    for (;;) {
      const worker = await this.running.worker()
      if (worker?.generation === generation) return worker
      const now = await this.host.haproxyProcess()
      const hasEnded =
        !now.isRunning && (now.lastExit !== before.lastExit || now.restarts !== before.restarts)
      const isFailing = hasEnded || now.restarts > before.restarts
      if (isFailing || this.clock.monotonicMillis() - started > startPatienceMillis)
        throw await this.startFault(listen, now.lastExit)
      await this.clock.sleep(pollMillis)
    }
  }

  private async help(isHopeless: boolean): Promise<void> {
    const {isRunning} = await this.host.haproxyProcess()
    if (!isRunning) await this.host.startHaproxy()
    else if (isHopeless) await this.host.killHaproxy()
    // A newer HAProxy makes its sockets anew.
    else await this.host.signalReload()
  }

  private async startFault(listen: {address: string; port: number}, lastExit: string | undefined) {
    const lines = await this.host.lastLines()
    // One that somebody else looks after isn't this user's to stop.
    await this.host.stopHaproxy().catch(() => undefined)
    if (lines.some((line) => line.includes('cannot bind socket'))) return portTaken(listen)
    const alert = lines.findLast((line) => line.includes('[ALERT]'))
    const why = alert ?? lastExit ?? 'it did not answer on its socket in time'
    return unconfirmed("Can't start HAProxy", why, lines)
  }
}
