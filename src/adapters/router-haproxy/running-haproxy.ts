import {type Clock} from '../../contracts/clock.js'
import {type RouterHost} from '../../contracts/router-host.js'
import {
  complaintsOf,
  type MasterStatus,
  parseMaster,
  parseServersState,
  parseWorker,
  type RunningServer,
  type RunningWorker,
} from '../../domain/haproxy/answers.js'
import {type ServerChange} from '../../domain/haproxy/change.js'
import {
  type MapChange,
  type MapContents,
  parseFoundEntries,
  parseShownMap,
} from '../../domain/haproxy/map-change.js'
import {type KnownServers, parseStatistics, type ServerStatistics} from '../../domain/haproxy/statistics.js'

import {packed} from './command-lines.js'

/** By backend. */
export type RunningServers = ReadonlyMap<string, readonly RunningServer[]>

const pollMillis = 10
/** Who takes longer to say nothing is there and stands still. */
const nobodyThereMillis = 1_000
/** How long a server that takes over may need for its first passed check before the old one goes anyway. */
const replacementPatienceMillis = 5_000
/** More than so many are read all at once. */
const fewBackends = 40

/** The HAProxy that answers on the sockets of a host, whoever started it. Undefined answers mean that nobody does. */
export class RunningHaproxy {
  /** The last question reached the worker through its master, because the worker's own socket is gone. */
  isDetoured = false

  constructor(
    private readonly host: RouterHost,
    private readonly clock: Clock,
  ) {}

  async worker(): Promise<RunningWorker | undefined> {
    const answer = await this.ask('show info')
    return answer === undefined ? undefined : parseWorker(answer)
  }

  async master(): Promise<MasterStatus | undefined> {
    const answer = await this.host.ask('master', 'show proc')
    return answer === undefined ? undefined : parseMaster(answer)
  }

  /** The servers of these backends, or of all. */
  async servers(backends?: readonly string[]): Promise<RunningServers | undefined> {
    if (backends?.length === 0) return new Map()
    const isFew = backends !== undefined && backends.length <= fewBackends
    const asked = isFew ? backends.map((backend) => `show servers state ${backend}`) : ['show servers state']
    const answer = await this.ask(asked.join(';'))
    if (answer === undefined) return undefined
    const wanted = new Set(backends)
    const byBackend = new Map<string, RunningServer[]>()
    for (const server of parseServersState(answer)) {
      if (backends !== undefined && !wanted.has(server.backend)) continue
      const servers = byBackend.get(server.backend)
      if (servers === undefined) byBackend.set(server.backend, [server])
      else servers.push(server)
    }
    return byBackend
  }

  /** The entries of these maps, as far as they are there. */
  async maps(names: readonly string[]): Promise<MapContents | undefined> {
    const contents = new Map<string, Map<string, string>>()
    for (const name of names) {
      const answer = await this.ask(`show map ${name}`)
      if (answer === undefined) return undefined
      if (!answer.startsWith('Unknown map')) contents.set(name, parseShownMap(answer))
    }
    return contents
  }

  async statistics(known: KnownServers): Promise<ServerStatistics[] | undefined> {
    // Of all proxies, servers only.
    const answer = await this.ask('show stat -1 4 -1')
    return answer === undefined ? undefined : parseStatistics(answer, known)
  }

  /** Returns what HAProxy objected to; the caller reads the servers back, whatever this says. */
  async change(servers: ServerChange | undefined, maps: MapChange): Promise<string[]> {
    const {bringUp, takeDown, discard} = servers ?? {bringUp: [], takeDown: [], discard: []}
    const routes = maps.commands.map((command) => [command])
    const waitsFor = servers?.await ?? []
    if (waitsFor.length === 0) {
      const complaints = await this.tell([...bringUp, ...routes, ...takeDown])
      if (complaints.length > 0) return complaints
    } else {
      const raised = await this.tell(bringUp)
      if (raised.length > 0) return raised
      await this.untilStaffed(waitsFor, replacementPatienceMillis)
      const lowered = await this.tell([...routes, ...takeDown])
      if (lowered.length > 0) return lowered
    }
    await this.tell(discard)
    return this.disproved(maps)
  }

  /** Sends what may be refused; an entry that has connections stays. */
  async discard(batches: readonly (readonly string[])[]): Promise<void> {
    await this.tell(batches)
  }

  /** A worker takes every server of its file for healthy; these must pass a check first. */
  async takeForDown(keys: readonly string[]): Promise<void> {
    await this.tell(keys.map((key) => [`set server ${key} health down`]))
  }

  /** Until one server of each list is healthy, or the patience is over. */
  async untilStaffed(lists: readonly (readonly string[])[], patienceMillis: number): Promise<void> {
    const started = this.clock.monotonicMillis()
    const backends = [...new Set(lists.flat().map((key) => key.slice(0, key.indexOf('/'))))]
    while (lists.length > 0 && this.clock.monotonicMillis() - started < patienceMillis) {
      const askedAt = this.clock.monotonicMillis()
      const servers = await this.servers(backends)
      if (servers === undefined) return
      const serving = new Set([...servers.values()].flat().filter(isServing).map(keyOf))
      if (lists.every((keys) => keys.some((key) => serving.has(key)))) return
      // A long answer is a load for the HAProxy that is waited for.
      await this.clock.sleep(Math.max(pollMillis, 2 * (this.clock.monotonicMillis() - askedAt)))
    }
  }

  /** Returns all answers that aren't a success, each by its severity. */
  private async tell(batches: readonly (readonly string[])[]): Promise<string[]> {
    const complaints: string[] = []
    for (const line of packed(batches)) {
      const answer = await this.ask(`set severity-output number;${line}`)
      if (answer === undefined) return [...complaints, 'it did not answer']
      complaints.push(...complaintsOf(answer))
    }
    return complaints
  }

  /**
   * A socket that somebody removed doesn't come back with a reload, because HAProxy hands it on; its master still knows the
   * way to the worker.
   */
  private async ask(line: string): Promise<string | undefined> {
    const started = this.clock.monotonicMillis()
    const answer = await this.host.ask('admin', line)
    const isSlow = this.clock.monotonicMillis() - started > nobodyThereMillis
    this.isDetoured = false
    if (answer !== undefined || isSlow) return answer
    const relayed = await this.host.ask('master', `@1;${line}`)
    this.isDetoured = relayed !== undefined
    return relayed
  }

  /** Whether the maps have what was put into them: HAProxy drops what it can't take without a word. */
  private async disproved({proofs}: MapChange): Promise<string[]> {
    const found: (string | undefined)[] = []
    for (const line of packed(proofs.map(({command}) => [command]))) {
      const answer = await this.ask(line)
      if (answer === undefined) return ['it did not answer']
      found.push(...parseFoundEntries(answer))
    }
    if (found.length !== proofs.length) return ['it did not show its maps']
    return proofs
      .filter(({value}, index) => found[index] !== value)
      .map(({command}) => `an entry of its maps is not what was asked for: ${command}`)
  }
}

export function isServing({healthy, maintenance, draining, weight}: RunningServer): boolean {
  return healthy && !maintenance && !draining && weight > 0
}

export function keyOf({backend, name}: RunningServer): string {
  return `${backend}/${name}`
}
