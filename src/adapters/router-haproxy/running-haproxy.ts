import {type Clock} from '../../contracts/clock.js'
import {
  complaintsOf,
  type MasterStatus,
  parseMaster,
  parseMasterPid,
  parseServersState,
  parseWorker,
  type RunningServer,
} from '../../domain/haproxy/answers.js'
import {type RoutingChange} from '../../domain/haproxy/change.js'
import {parseStatistics, type ServerStatistics} from '../../domain/haproxy/statistics.js'

import {ask, askInBatches} from './command-socket.js'

export interface HaproxySockets {
  admin: string
  master: string
}

export interface RunningState {
  pid: number
  generation: string
  servers: RunningServer[]
}

export type ReloadOutcome = 'reloaded' | 'refused' | 'unconfirmed'

const pollMillis = 25
/** How long a server that takes over may need for its first passed check before the old one goes anyway. */
const replacementPatienceMillis = 5_000
const settlePatienceMillis = 1_500
const reloadPatienceMillis = 20_000
/** A reload asked for at a bad moment gets lost; after so long without a sign of it, it is asked for once more. */
const lostReloadMillis = 3_000

/** The HAProxy that answers on the sockets, whoever started it. Undefined answers mean that nobody does. */
export class RunningHaproxy {
  constructor(
    private readonly sockets: HaproxySockets,
    private readonly clock: Clock,
  ) {}

  async state(): Promise<RunningState | undefined> {
    const answer = await ask(this.sockets.admin, 'show info;show servers state')
    const worker = answer === undefined ? undefined : parseWorker(answer)
    return answer === undefined || worker === undefined
      ? undefined
      : {...worker, servers: parseServersState(answer)}
  }

  async statistics(): Promise<ServerStatistics[] | undefined> {
    const answer = await ask(this.sockets.admin, 'show stat')
    return answer === undefined ? undefined : parseStatistics(answer)
  }

  async masterPid(): Promise<number | undefined> {
    const answer = await ask(this.sockets.master, 'show proc', true)
    return answer === undefined ? undefined : parseMasterPid(answer)
  }

  /** After a start: no server gets a request before it passed a check; returns when every backend has one, or after a while. */
  async settle({servers}: RunningState): Promise<void> {
    const lists = new Map<string, string[]>()
    for (const server of servers.filter(({weight}) => weight > 0)) {
      lists.set(server.backend, [...(lists.get(server.backend) ?? []), keyOf(server)])
    }
    await this.takeForDown(servers.map(keyOf))
    await this.untilStaffed([...lists.values()], settlePatienceMillis)
  }

  /** Returns what HAProxy objected to; the caller reads the state back, whatever this says. */
  async change(plan: RoutingChange & {kind: 'runtime'}): Promise<string[]> {
    const raised = await askInBatches(this.sockets.admin, plan.bringUp)
    if (raised === undefined) return ['no answer']
    const complaints = complaintsOf(raised)
    if (complaints.length > 0) return complaints
    await this.untilStaffed(plan.await, replacementPatienceMillis)
    const lowered = await askInBatches(this.sockets.admin, plan.takeDown)
    await askInBatches(this.sockets.admin, plan.discard)
    return lowered === undefined ? ['no answer'] : complaintsOf(lowered)
  }

  /** Reloads and proves it: another worker answers, with the wanted generation. Never asks again while one is under way. */
  async reload(from: RunningState, generation: string): Promise<ReloadOutcome> {
    const started = this.clock.monotonicMillis()
    const before = await this.answeringMaster(started + reloadPatienceMillis)
    if (before === undefined) return 'unconfirmed'
    let askedAt = await this.askForReload()
    while (this.clock.monotonicMillis() - started < reloadPatienceMillis) {
      const now = await this.state()
      const isNew = now !== undefined && now.pid !== from.pid && now.generation === generation
      if (isNew && (await this.hasGivenWay(from.pid))) {
        const sick = new Set(
          from.servers.filter((server) => !server.healthy && !server.maintenance).map(keyOf),
        )
        await this.takeForDown(now.servers.map(keyOf).filter((key) => sick.has(key)))
        return 'reloaded'
      }
      const master = await this.master()
      if (master !== undefined && master.failed > before.failed) return 'refused'
      const isLost = master !== undefined && master.reloads === before.reloads
      if (isLost && this.clock.monotonicMillis() - askedAt > lostReloadMillis)
        askedAt = await this.askForReload()
      await this.clock.sleep(pollMillis)
    }
    return 'unconfirmed'
  }

  /** The old worker shares the socket until it stops listening, and could answer in place of the new one. */
  private async hasGivenWay(oldWorker: number): Promise<boolean> {
    const answer = await ask(this.sockets.master, `@!${oldWorker} show info`, true)
    return answer !== undefined && !/^Stopping: 0$/m.test(answer)
  }

  private async askForReload(): Promise<number> {
    await ask(this.sockets.master, 'reload', true)
    return this.clock.monotonicMillis()
  }

  /** Right after a start a worker answers before its master does. */
  private async answeringMaster(deadlineMillis: number): Promise<MasterStatus | undefined> {
    for (;;) {
      const master = await this.master()
      if (master !== undefined || this.clock.monotonicMillis() > deadlineMillis) return master
      await this.clock.sleep(pollMillis)
    }
  }

  private async master(): Promise<MasterStatus | undefined> {
    const answer = await ask(this.sockets.master, 'show proc', true)
    return answer === undefined ? undefined : parseMaster(answer)
  }

  /** A worker takes every server of its file for healthy; these must pass a check first. */
  private async takeForDown(keys: readonly string[]): Promise<void> {
    await askInBatches(
      this.sockets.admin,
      keys.map((key) => [`set server ${key} health down`]),
    )
  }

  /** Until one server of each list is healthy, or the patience is over. */
  private async untilStaffed(lists: readonly string[][], patienceMillis: number): Promise<void> {
    const started = this.clock.monotonicMillis()
    while (lists.length > 0 && this.clock.monotonicMillis() - started < patienceMillis) {
      const state = await this.state()
      if (state === undefined) return
      const serving = new Set(state.servers.filter(isServing).map(keyOf))
      if (lists.every((keys) => keys.some((key) => serving.has(key)))) return
      await this.clock.sleep(pollMillis)
    }
  }
}

function isServing({healthy, maintenance, draining, weight}: RunningServer): boolean {
  return healthy && !maintenance && !draining && weight > 0
}

function keyOf({backend, name}: RunningServer): string {
  return `${backend}/${name}`
}
