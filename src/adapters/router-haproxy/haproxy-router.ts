import {type Clock} from '../../contracts/clock.js'
import {
  type AppliedRouting,
  type ApplyOptions,
  type HostRouter,
  type RouterHealth,
  type RouterServer,
} from '../../contracts/host-router.js'
import {type RouterHost} from '../../contracts/router-host.js'
import {type Environment} from '../../domain/environment.js'
import {type RenderSettings, type RouterSize, routerSize} from '../../domain/haproxy/render-settings.js'
import {type RoutingModel} from '../../domain/routing.js'

import {Following} from './following.js'
import {type RouterFailpoint} from './installation.js'
import {type Render, type Wanted, wantedOf} from './wanted.js'

export interface HaproxyRouterSettings {
  host: RouterHost
  clock: Clock
  render: Render
  /** HAProxy's, where it is known already; the host is asked for it otherwise. */
  version?: string
  /** Backends that stand by for new services; 16 unless given. */
  spares?: number
  /** Whose size HAProxy has; `local` unless given. */
  kind?: Environment['kind']
  /** How long a worker may go on after a reload. */
  hardStopSeconds?: number
  failpoint?: RouterFailpoint
}

/**
 * HAProxy 2.4 to 3.x in master-worker mode (tried: 2.6.12). The files are the truth and are complete before the running
 * process is touched; what runs is read back and compared with the model, never assumed.
 */
export class HaproxyRouter implements HostRouter {
  private knownVersion: string
  /** Asked for once: another answer would take a reload. */
  private size: RouterSize | undefined
  private readonly following: Following
  private lastTurn: Promise<unknown> = Promise.resolve()
  private turns = 0

  constructor(private readonly settings: HaproxyRouterSettings) {
    const {host, clock, failpoint, hardStopSeconds} = settings
    this.knownVersion = settings.version ?? ''
    this.following = new Following({
      ...{host, clock},
      failpoint: failpoint ?? (() => Promise.resolve()),
      ...(hardStopSeconds !== undefined && {hardStopSeconds}),
    })
  }

  get version(): string {
    return this.knownVersion
  }

  start(requested: RoutingModel): Promise<AppliedRouting> {
    return this.inTurn(async () => this.following.start(await this.wanted(requested)))
  }

  apply(requested: RoutingModel, options: ApplyOptions = {}): Promise<AppliedRouting> {
    return this.inTurn(async () => this.following.bringTo(await this.wanted(requested), options))
  }

  servers(): Promise<RouterServer[]> {
    return this.following.statistics()
  }

  health(): Promise<RouterHealth> {
    // In the middle of a change everything looks like drift.
    return this.following.health({looksForDrift: this.turns === 0})
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.following.stop())
  }

  private async wanted(requested: RoutingModel): Promise<Wanted> {
    const {host, render, kind = 'local'} = this.settings
    if (this.knownVersion === '') this.knownVersion = await host.haproxyVersion()
    this.size ??= routerSize(kind, await host.descriptorLimit())
    const settings = {...this.renderSettings(), ...this.size, version: this.knownVersion}
    return wantedOf(requested, host, render, settings)
  }

  private renderSettings(): Partial<RenderSettings> {
    const {spares, hardStopSeconds} = this.settings
    return {
      ...(spares !== undefined && {spares}),
      ...(hardStopSeconds !== undefined && {hardStopSeconds}),
    }
  }

  /** One change after the other: never a reload while one is under way. */
  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    this.turns += 1
    const turn = this.lastTurn.then(task).finally(() => (this.turns -= 1))
    this.lastTurn = turn.catch(() => undefined)
    return turn
  }
}
