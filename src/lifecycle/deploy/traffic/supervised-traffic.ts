import {type Catalog} from '../../../catalog/catalog.js'
import {keys} from '../../../catalog/keys.js'
import {type Clock} from '../../../contracts/clock.js'
import {type HostRouting, type LiveOptions} from '../../../contracts/router.js'
import {type AnswerCounts, type Traffic} from '../../../contracts/traffic.js'
import {type Instance} from '../../../domain/instance.js'
import {RouterBySidecars} from '../../sidecar/router-by-sidecars.js'
import {type AskRouter, answersIn, countsAt, isIdleIn} from './router-counts.js'

/** The traffic of this machine: its supervisor follows the catalog, and tells which instances are drained. */
export class SupervisedTraffic implements Traffic {
  private readonly router: RouterBySidecars

  constructor(
    private readonly needs: {catalog: Catalog; clock: Clock},
    private readonly environment: string,
    private readonly ask: AskRouter,
  ) {
    this.router = new RouterBySidecars(needs)
  }

  makeLive(environment: string, revision: number, options: LiveOptions): Promise<HostRouting[]> {
    return this.router.makeLive(environment, revision, options)
  }

  /** A HAProxy that was reloaded meanwhile may have requests under way that its supervisor doesn't see. */
  async idle(instances: readonly Instance[]): Promise<ReadonlySet<string>> {
    const {catalog} = this.needs
    const drained = await Promise.all(
      instances.map(async (instance) => {
        const stored = await catalog.statuses.get(keys.status(this.environment, instance.id))
        return stored === undefined || stored.record.drained === true ? [instance] : []
      }),
    )
    const left = drained.flat()
    if (left.length === 0) return new Set()
    const counts = await countsAt(this.ask)
    const isOver = ({drainUntil}: Instance) =>
      drainUntil !== undefined && Date.parse(drainUntil) <= this.needs.clock.now().getTime()
    return new Set(left.filter((one) => isOver(one) || isIdleIn(counts, one)).map(({id}) => id))
  }

  async answers(instances: readonly Instance[]): Promise<ReadonlyMap<string, AnswerCounts>> {
    return answersIn(await countsAt(this.ask), instances)
  }
}
