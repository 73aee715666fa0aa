import {type Catalog} from '../../catalog/catalog.js'
import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type HostRouting, type LiveOptions, type Router} from '../../contracts/router.js'
import {type Agent} from '../../domain/instance.js'

const pollMillis = 50
/** The record of a sidecar that was killed is gone after this; one that is started anew writes its own before. */
const leaseMillis = 16_000

/** Hosts that follow the catalog by themselves: they are asked what they say of themselves. */
export class RouterBySidecars implements Router {
  constructor(
    private readonly needs: {catalog: Catalog; clock: Clock},
    /** Those that are waited for; all of the environment unless given. */
    private readonly hostNames?: readonly string[],
  ) {}

  /** Ends early once no host is left that may still follow. */
  async makeLive(environment: string, revision: number, options: LiveOptions): Promise<HostRouting[]> {
    const {catalog, clock} = this.needs
    const names = this.hostNames ?? (await this.hostsOf(environment))
    const began = clock.monotonicMillis()
    const seen = new Map(names.map((host) => [host, began]))
    for (;;) {
      options.signal?.throwIfAborted()
      const {records} = await catalog.agents.list(keys.agents(environment))
      const agents = new Map(records.map(({record}) => [record.host, record]))
      const now = clock.monotonicMillis()
      const hosts = names.map((host) => {
        const agent = agents.get(host)
        if (agent !== undefined) seen.set(host, now)
        return routingOf(host, agent, revision)
      })
      const isGone = (host: string) => now - (seen.get(host) ?? now) >= leaseMillis
      const isOver = hosts.every(({host, isLive}) => isLive || isGone(host))
      if (isOver || now - began >= options.timeoutMillis) return hosts
      await clock.sleep(pollMillis, options.signal)
    }
  }

  private async hostsOf(environment: string): Promise<string[]> {
    const {records} = await this.needs.catalog.hosts.list(keys.hosts(environment))
    return records.map(({record}) => record.name)
  }
}

function routingOf(host: string, agent: Agent | undefined, revision: number): HostRouting {
  if (agent === undefined) return {host, isLive: false, problem: 'no sidecar tells of itself there'}
  const {appliedRevision, problem} = agent
  const isLive = appliedRevision >= revision
  const why = problem ?? (isLive ? undefined : `it follows revision ${appliedRevision} so far`)
  return {host, isLive, appliedRevision, ...(why !== undefined && {problem: why})}
}
