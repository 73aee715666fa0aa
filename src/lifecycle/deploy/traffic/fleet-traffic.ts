import {type Catalog} from '../../../catalog/catalog.js'
import {keys} from '../../../catalog/keys.js'
import {type Clock} from '../../../contracts/clock.js'
import {type HostRouting, type LiveOptions, type Router} from '../../../contracts/router.js'
import {type AnswerCounts, type Traffic} from '../../../contracts/traffic.js'
import {type Host} from '../../../domain/environment.js'
import {addCounts, type EndpointCounts} from '../../../domain/haproxy/endpoint-counts.js'
import {type Instance} from '../../../domain/instance.js'
import {RouterBySidecars} from '../../sidecar/router-by-sidecars.js'
import {type AskRouter, answersIn, countsAt, isIdleIn} from './router-counts.js'

export interface FleetTrafficNeeds {
  catalog: Catalog
  clock: Clock
  /** Brings the catalog to hosts on which nobody follows it. */
  routerByPush: (hosts: readonly string[]) => Router
  /** Asks the HAProxy of a host. */
  askRouter: (host: Host) => Promise<AskRouter>
}

/** The traffic of machines that each have a HAProxy: where a sidecar is at work it is waited for, the others are pushed to. */
export class FleetTraffic implements Traffic {
  /** Hosts that nobody waits for and that did not follow: to look for them takes as long as it takes to give up. */
  private readonly lost = new Set<string>()

  constructor(
    private readonly needs: FleetTrafficNeeds,
    private readonly environment: string,
  ) {}

  async makeLive(environment: string, revision: number, options: LiveOptions): Promise<HostRouting[]> {
    const {notAwaited = []} = options
    const names = (await this.hosts()).map(({name}) => name)
    const awaited = names.filter((name) => !notAwaited.includes(name))
    const others = names.filter((name) => notAwaited.includes(name) && !this.lost.has(name))
    const live = await this.makeLiveOn(awaited, environment, revision, options)
    // One attempt, and after the awaited ones: pushes take their turns.
    const tried = await this.makeLiveOn(others, environment, revision, {...options, timeoutMillis: 0})
    for (const {host, isLive} of tried) if (!isLive) this.lost.add(host)
    const lost = names.filter((name) => notAwaited.includes(name) && !others.includes(name))
    return [
      ...live,
      ...tried,
      ...lost.map((host) => ({host, isLive: false, problem: 'it did not follow before'})),
    ]
  }

  async idle(instances: readonly Instance[]): Promise<ReadonlySet<string>> {
    const counts = await this.counts()
    return new Set(instances.filter((instance) => isIdleIn(counts, instance)).map(({id}) => id))
  }

  async answers(instances: readonly Instance[]): Promise<ReadonlyMap<string, AnswerCounts>> {
    return answersIn(await this.counts(), instances)
  }

  private async makeLiveOn(
    names: readonly string[],
    environment: string,
    revision: number,
    options: LiveOptions,
  ): Promise<HostRouting[]> {
    const {catalog, clock, routerByPush} = this.needs
    const agents = await catalog.agents.list(keys.agents(environment))
    const followed = new Set(agents.records.map(({record}) => record.host))
    const following = names.filter((name) => followed.has(name))
    const pushed = names.filter((name) => !followed.has(name))
    const [byThemselves, byPush] = await Promise.all([
      following.length === 0
        ? []
        : new RouterBySidecars({catalog, clock}, following).makeLive(environment, revision, options),
      pushed.length === 0 ? [] : routerByPush(pushed).makeLive(environment, revision, options),
    ])
    return [...byThemselves, ...byPush]
  }

  /** A host that can't be reached sends nobody anything. */
  private async counts(): Promise<Map<string, EndpointCounts>> {
    const sum = new Map<string, EndpointCounts>()
    const all = await Promise.all(
      (await this.hosts()).map(async (host) => {
        try {
          return await countsAt(await this.needs.askRouter(host))
        } catch {
          return new Map<string, EndpointCounts>()
        }
      }),
    )
    for (const counts of all) for (const [endpoint, more] of counts) addCounts(sum, endpoint, more)
    return sum
  }

  private async hosts(): Promise<Host[]> {
    const {records} = await this.needs.catalog.hosts.list(keys.hosts(this.environment))
    return records.map(({record}) => record)
  }
}
