import {type Clock} from '../../contracts/clock.js'
import {type RouterHost} from '../../contracts/router-host.js'
import {type MasterStatus} from '../../domain/haproxy/answers.js'

import {type RunningHaproxy} from './running-haproxy.js'

export type ReloadOutcome = 'reloaded' | 'refused' | 'unconfirmed'

const pollMillis = 10
const reloadPatienceMillis = 20_000
/** A reload asked for at a bad moment gets lost; after so long without a sign of it, it is asked for once more. */
const lostReloadMillis = 3_000
const mostOldWorkers = 4

/** Reloads of one HAProxy, never a second one while one is under way, and the workers that they leave behind. */
export class Reloading {
  /** When a worker was first seen on its way out. */
  private readonly oldSince = new Map<number, number>()

  constructor(
    private readonly host: RouterHost,
    private readonly running: RunningHaproxy,
    private readonly clock: Clock,
    private readonly hardStopMillis: number,
  ) {}

  /** Reloads and proves it: another worker answers, with the wanted generation, and the old one takes nothing new. */
  async reload(from: number, generation: string): Promise<ReloadOutcome> {
    const started = this.clock.monotonicMillis()
    const before = await this.answeringMaster()
    let askedAt = await this.askForReload(before !== undefined)
    while (this.clock.monotonicMillis() - started < reloadPatienceMillis) {
      const now = await this.running.worker()
      const isNew = now !== undefined && now.pid !== from && now.generation === generation
      const master = await this.running.master()
      if (isNew && master?.failed === 0 && (await this.hasGivenWay(from))) return 'reloaded'
      if (master !== undefined && before !== undefined && master.failed > before.failed) return 'refused'
      const isLost = !isNew && (master === undefined || master.reloads === before?.reloads)
      if (isLost && this.clock.monotonicMillis() - askedAt > lostReloadMillis)
        askedAt = await this.askForReload(master !== undefined)
      await this.clock.sleep(pollMillis)
    }
    return 'unconfirmed'
  }

  /** Those on their way out included. */
  async countWorkers(): Promise<number> {
    const master = await this.running.master()
    return master === undefined ? 0 : master.oldWorkers.length + (master.worker === undefined ? 0 : 1)
  }

  /** Ends workers that are too many, or that should have ended by themselves. */
  async tidyWorkers(): Promise<void> {
    const master = await this.running.master()
    if (master === undefined) return
    const now = this.clock.monotonicMillis()
    for (const pid of this.oldSince.keys()) if (!master.oldWorkers.includes(pid)) this.oldSince.delete(pid)
    for (const pid of master.oldWorkers) if (!this.oldSince.has(pid)) this.oldSince.set(pid, now)
    const surplus = master.oldWorkers.slice(0, Math.max(0, master.oldWorkers.length - mostOldWorkers))
    const overdue = master.oldWorkers.filter(
      (pid) => now - (this.oldSince.get(pid) ?? now) > this.hardStopMillis + lostReloadMillis,
    )
    for (const pid of new Set([...surplus, ...overdue])) await this.host.terminateWorker(pid)
  }

  /** Right after a start a worker answers before its master does. Undefined when the master still doesn't. */
  async answeringMaster(): Promise<MasterStatus | undefined> {
    const started = this.clock.monotonicMillis()
    for (;;) {
      const master = await this.running.master()
      const isLate = this.clock.monotonicMillis() - started > lostReloadMillis
      if (master !== undefined || isLate) return master
      await this.clock.sleep(pollMillis)
    }
  }

  /** The old worker shares the socket until it stops listening, and could answer in place of the new one. */
  private async hasGivenWay(oldWorker: number): Promise<boolean> {
    const answer = await this.host.ask('master', `@!${oldWorker} show info`)
    return answer !== undefined && !/^Stopping: 0$/m.test(answer)
  }

  /** The signal is for a master whose socket is gone. */
  private async askForReload(hasMasterSocket: boolean): Promise<number> {
    if (hasMasterSocket) await this.host.ask('master', 'reload')
    else await this.host.signalReload()
    return this.clock.monotonicMillis()
  }
}
