import {mkdir} from 'node:fs/promises'

import {type AppliedRouting, type Router, type RouterServer} from '../../contracts/router.js'
import {planChange} from '../../domain/haproxy/change.js'
import {parseConfig} from '../../domain/haproxy/parse.js'
import {type RenderedRouting} from '../../domain/haproxy/rendered.js'
import {usableModel} from '../../domain/haproxy/usable-model.js'
import {endpointOf, type RoutingModel} from '../../domain/routing.js'

import {install, readInstalled} from './config-files.js'
import {isVersionAtLeast} from './find-haproxy.js'
import {HaproxyProcess, type HaproxyProcessSettings} from './haproxy-process.js'
import {refuseTakenAddress} from './listen-probe.js'
import {RunningHaproxy, type RunningState} from './running-haproxy.js'
import {socketsIn} from './sockets.js'

export interface HaproxyRouterSettings extends HaproxyProcessSettings {
  /** Holds the sockets; short, because the system allows a socket's path about a hundred characters. */
  runtimeDirectory: string
  /** `renderHaproxy` of src/templates. */
  render: (model: RoutingModel, settings: {adminSocket: string}) => RenderedRouting
}

interface Wanted {
  model: RoutingModel
  rendered: RenderedRouting
  skipped: string[]
}

const pollMillis = 25
/** HAProxy that was killed is started again after a pause that grows. */
const returnPatienceMillis = 15_000

/**
 * HAProxy 2.4 to 3.x in master-worker mode (tried: 2.6.12). The files are the truth and are complete before the running
 * process is touched; what runs is read back and compared with the model, never assumed.
 */
export class HaproxyRouter implements Router {
  readonly version: string
  private readonly running: RunningHaproxy
  private readonly program: HaproxyProcess
  private readonly adminSocket: string
  /** What HAProxy was last seen to follow. */
  private confirmed: RenderedRouting | undefined
  private lastTurn: Promise<unknown> = Promise.resolve()

  /** @throws YardError E_USAGE when the runtime directory can't hold sockets. */
  constructor(private readonly settings: HaproxyRouterSettings) {
    const sockets = socketsIn(settings.runtimeDirectory)
    this.version = settings.haproxy.version
    this.adminSocket = sockets.admin
    this.running = new RunningHaproxy(sockets, settings.clock)
    this.program = new HaproxyProcess(settings, sockets, this.running)
  }

  start(requested: RoutingModel): Promise<void> {
    return this.inTurn(async () => {
      const wanted = this.wanted(requested)
      await mkdir(this.settings.directory, {recursive: true, mode: 0o700})
      await mkdir(this.settings.runtimeDirectory, {recursive: true, mode: 0o700})
      if (await this.program.isAdoptable()) {
        await this.bringTo(wanted)
      } else {
        await this.program.end()
        await refuseTakenAddress(wanted.model.listen)
        await this.install(wanted)
        await this.program.launch(wanted)
      }
      this.confirmed = wanted.rendered
    })
  }

  apply(requested: RoutingModel): Promise<AppliedRouting> {
    return this.inTurn(async () => {
      const wanted = this.wanted(requested)
      const {skipped} = wanted
      if (isSame(this.confirmed, wanted.rendered)) return {how: 'unchanged', skipped}
      this.confirmed = undefined
      const how = await this.bringTo(wanted)
      this.confirmed = wanted.rendered
      return {how, skipped}
    })
  }

  async servers(): Promise<RouterServer[]> {
    const statistics = await this.running.statistics()
    if (statistics !== undefined) return statistics
    throw await this.program.unconfirmed(
      "Can't ask HAProxy about its servers",
      'it does not answer on its socket',
    )
  }

  stop(): Promise<void> {
    return this.inTurn(async () => {
      this.confirmed = undefined
      await this.program.end()
    })
  }

  private wanted(requested: RoutingModel): Wanted {
    const {model, skipped} = usableModel(requested)
    return {model, skipped, rendered: this.settings.render(model, {adminSocket: this.adminSocket})}
  }

  /** The file first, then what runs. */
  private async bringTo(wanted: Wanted): Promise<AppliedRouting['how']> {
    const installed = await readInstalled(this.settings.directory)
    if (!isSame(installed, wanted.rendered)) {
      await this.refuseTakenNewAddress(installed?.config, wanted.model)
      await this.install(wanted)
    }
    const state = await this.presentState()
    const plan = this.plan(state, wanted)
    if (plan.kind === 'none') return 'unchanged'
    if (plan.kind === 'runtime') {
      const complaints = await this.running.change(plan)
      const after = await this.running.state()
      if (complaints.length === 0 && after !== undefined && this.plan(after, wanted).kind === 'none')
        return 'runtime'
    }
    await this.reload(wanted)
    return 'reload'
  }

  private async reload(wanted: Wanted): Promise<void> {
    const {generation} = wanted.rendered
    const state = await this.presentState()
    const outcome = await this.running.reload(state, generation)
    const after = await this.running.state()
    if (outcome === 'reloaded' && after !== undefined && this.plan(after, wanted).kind === 'none') return
    throw await this.program.unconfirmed(
      "Can't bring HAProxy to the new routes",
      outcome === 'refused' ? 'it refused to reload' : 'it did not confirm the reload in time',
    )
  }

  private plan(state: RunningState, {model, rendered}: Wanted) {
    const canAddServers = isVersionAtLeast(this.version, [2, 6])
    return planChange(state, {model, generation: rendered.generation}, canAddServers)
  }

  private install({rendered, model}: Wanted): Promise<void> {
    return install(this.settings.directory, rendered, model, this.settings.haproxy)
  }

  private async refuseTakenNewAddress(installed: string | undefined, {listen}: RoutingModel): Promise<void> {
    const frontend = parseConfig(installed ?? '')?.find(({kind}) => kind === 'frontend')
    const isBound = frontend?.directives.some(
      ([key, value]) => key === 'bind' && value === endpointOf(listen),
    )
    if (isBound !== true) await refuseTakenAddress(listen)
  }

  /** HAProxy may just have been killed and be on its way back. */
  private async presentState(): Promise<RunningState> {
    const started = this.settings.clock.monotonicMillis()
    for (;;) {
      const state = await this.running.state()
      if (state !== undefined) return state
      if (this.settings.clock.monotonicMillis() - started > returnPatienceMillis) {
        throw await this.program.unconfirmed("Can't bring HAProxy to the new routes", 'it does not run')
      }
      await this.settings.clock.sleep(pollMillis)
    }
  }

  /** One change after the other: never a reload while one is under way. */
  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(task)
    this.lastTurn = turn.catch(() => undefined)
    return turn
  }
}

function isSame(
  one: {config: string; map: string} | undefined,
  other: {config: string; map: string},
): boolean {
  return one?.config === other.config && one.map === other.map
}
