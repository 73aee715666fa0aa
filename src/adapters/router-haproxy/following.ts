import {type Clock} from '../../contracts/clock.js'
import {
  type AppliedRouting,
  type ApplyOptions,
  type RouterHealth,
  type RouterServer,
} from '../../contracts/host-router.js'
import {type RouterHost} from '../../contracts/router-host.js'
import {type RunningWorker} from '../../domain/haproxy/answers.js'
import {driftOf} from '../../domain/haproxy/drift.js'
import {backendName, serviceOfBackend} from '../../domain/haproxy/names.js'
import {passingKey} from '../../domain/haproxy/change.js'
import {downStates, noServerStates} from '../../domain/haproxy/server-states.js'
import {endpointOf} from '../../domain/routing.js'

import {askHealth, type Asked, everyServer} from './health-round.js'
import {heldBack, lastOnes, without} from './held-back.js'
import {Installation, type RouterFailpoint} from './installation.js'
import {Presence} from './presence.js'
import {Reloading} from './reloading.js'
import {unconfirmed} from './router-faults.js'
import {RunningHaproxy} from './running-haproxy.js'
import {changeAtRunTime} from './runtime-change.js'
import {hasLeftovers, newcomersOf, type View, Viewing} from './viewing.js'
import {isSameRouting, liveMaps, type Wanted} from './wanted.js'

export interface FollowingSettings {
  host: RouterHost
  clock: Clock
  failpoint: RouterFailpoint
  hardStopSeconds?: number
}

/** What was made live last, and how much of it. */
interface Live {
  wanted: Wanted
  view: View
  isComplete: boolean
  owesReload: boolean
}

/** Without a change, what runs is read back once in so long. */
const recheckMillis = 4_500
const adoptPatienceMillis = 3_000
const stuckMillis = 4_000
const settlePatienceMillis = 1_500
const pollMillis = 25

/** Brings one HAProxy to one model after the other: the files first, then what runs. Its caller sees to it that calls don't overlap. */
export class Following {
  private readonly running: RunningHaproxy
  private readonly presence: Presence
  private readonly reloading: Reloading
  private readonly installation: Installation
  private readonly viewing: Viewing
  /** Undefined when it isn't known for certain. */
  private live: Live | undefined
  /** Services by the backends that they are on. */
  private placed: ReadonlyMap<string, string> = new Map()
  /** Servers that were well when HAProxy had not checked them yet, in the words of `passingKey`. */
  private passed = new Set<string>()

  constructor(private readonly settings: FollowingSettings) {
    const {host, clock, failpoint, hardStopSeconds = 60} = settings
    this.running = new RunningHaproxy(host, clock)
    this.presence = new Presence(host, this.running, clock)
    this.reloading = new Reloading(host, this.running, clock, hardStopSeconds * 1_000)
    this.installation = new Installation(host, failpoint)
    this.viewing = new Viewing(this.running, clock, (generation) => this.installation.partsOf(generation))
  }

  async start(wanted: Wanted): Promise<AppliedRouting> {
    if (await this.isAdoptable()) return this.bringTo(wanted, {})
    const {host, clock} = this.settings
    // What can't be used at all must not end what runs.
    await this.installation.preflightContent(wanted)
    // What is left of one that lost whoever looked after it would hold the ports.
    await host.stopHaproxy().catch(() => undefined)
    await this.installation.read()
    await this.installation.preflight(wanted, undefined)
    // Who hasn't answered by now is left to HAProxy's own checks, so that thousands of servers don't delay the first request.
    const {passing} = await askHealth(host, clock, everyServer(wanted.model))
    const others = everyServer(wanted.model).filter(
      ({service, server}) => !passing.has(passingKey(service.name, server)),
    )
    await this.installation.put(wanted, undefined, downStates(others))
    const worker = await this.presence.launch(wanted.rendered.generation, wanted.model.listen)
    await this.installation.putStates(noServerStates)
    await this.settle(wanted, passing)
    await this.reloading.answeringMaster()
    this.passed = new Set(passing)
    const view = await this.seen(this.viewing.all(wanted, worker))
    return this.concluded('reload', {wanted, view, isComplete: true, owesReload: false})
  }

  async bringTo(wanted: Wanted, {mayReload = true, tidiesUp = false}: ApplyOptions): Promise<AppliedRouting> {
    const before = this.live
    const asked = this.askNewcomers(before, wanted)
    const worker = await this.presence.worker()
    if (before !== undefined && this.isUpToDate(before, wanted, worker, {mayReload, tidiesUp}))
      return this.concluded('unchanged', before)
    this.live = undefined
    // Looking takes about as long as writing, and neither changes what runs.
    const looking = this.viewing.of(wanted, worker, before)
    looking.catch(() => undefined)
    await this.installation.put(wanted, worker.generation)
    const view = await this.seen(looking)
    if (before !== undefined && before.view.worker.pid !== worker.pid) await this.distrust(wanted)
    const reasons = [...view.placement.reasons]
    let how: AppliedRouting['how'] = 'unchanged'
    let present = view
    if (reasons.length === 0 || !mayReload) {
      const needs = {...this.settings, running: this.running, viewing: this.viewing}
      const outcome = await changeAtRunTime(needs, {wanted, view, asked: await asked})
      if (outcome.isChanged) how = 'runtime'
      present = outcome.view
      for (const key of outcome.passing) this.passed.add(key)
      reasons.push(...outcome.reasons)
    }
    if (how === 'unchanged') await this.reloading.tidyWorkers()
    const owesReload = view.placement.isMakeshift || hasLeftovers(present) || reasons.length > 0
    if (mayReload && (reasons.length > 0 || (tidiesUp && owesReload)))
      return this.reload(wanted, present, reasons)
    return this.concluded(how, {wanted, view: present, isComplete: reasons.length === 0, owesReload}, reasons)
  }

  async statistics(): Promise<RouterServer[]> {
    const found = await this.running.statistics({
      serviceOf: (backend) => this.placed.get(backend) ?? serviceOfBackend(backend),
      hasPassed: (service, endpoint) => this.passed.has(`${service}/${endpoint}`),
    })
    if (found !== undefined) return found
    const lines = await this.settings.host.lastLines()
    throw unconfirmed("Can't ask HAProxy about its servers", 'it does not answer on its socket', lines)
  }

  async health({looksForDrift}: {looksForDrift: boolean}): Promise<RouterHealth> {
    const worker = await this.running.worker().catch(() => undefined)
    const workers = await this.reloading.countWorkers().catch(() => 0)
    const drift = looksForDrift && worker !== undefined ? await this.drift(worker).catch(() => []) : []
    return {
      answers: worker !== undefined,
      ...(worker !== undefined && {pid: worker.pid, generation: worker.generation}),
      ...{workers, drift},
    }
  }

  async stop(): Promise<void> {
    this.live = undefined
    await this.settings.host.stopHaproxy()
  }

  private isUpToDate(
    live: Live,
    wanted: Wanted,
    worker: RunningWorker,
    {mayReload, tidiesUp}: Required<ApplyOptions>,
  ): boolean {
    const {view} = live
    if (!isSameRouting(live.wanted.rendered, wanted.rendered)) return false
    if (worker.pid !== view.worker.pid || worker.generation !== view.worker.generation) return false
    if (mayReload && (!live.isComplete || (tidiesUp && live.owesReload))) return false
    return this.settings.clock.monotonicMillis() - view.readAtMillis < recheckMillis
  }

  /** Proven, or what ran before stays and its files are put back. */
  private async reload(wanted: Wanted, view: View, reasons: readonly string[]): Promise<AppliedRouting> {
    const {host, failpoint} = this.settings
    const {generation} = wanted.rendered
    const held = await this.prepareReload(wanted, view).catch(async (error: unknown) => {
      await this.takeBack()
      throw error
    })
    await failpoint('reload', 'before')
    const outcome = await this.reloading.reload(view.worker.pid, generation)
    await failpoint('reload', 'after')
    const worker = outcome === 'reloaded' ? await this.running.worker() : undefined
    if (worker?.generation !== generation) {
      await this.takeBack()
      const why = outcome === 'refused' ? 'it refused to reload' : 'it did not confirm the reload in time'
      throw unconfirmed("Can't bring HAProxy to the new routes", why, await host.lastLines())
    }
    // What stays there would only make HAProxy wait for checks if it were killed.
    await this.installation.putStates(noServerStates).catch(() => undefined)
    const after = await this.seen(this.viewing.all(wanted, worker))
    await this.reloading.tidyWorkers()
    this.passed = new Set(
      everyServer(wanted.model).map(({service, server}) => passingKey(service.name, server)),
    )
    for (const {service, server} of held) this.passed.delete(passingKey(service.name, server))
    return this.concluded('reload', {wanted, view: after, isComplete: true, owesReload: false}, reasons)
  }

  /** Returns the servers that the new worker will take for down. */
  private async prepareReload(wanted: Wanted, view: View): Promise<Asked[]> {
    await this.installation.preflight(wanted, view.worker.generation)
    const held = await heldBack({...this.settings, viewing: this.viewing}, wanted, view)
    await this.installation.putStates(downStates(held))
    return held
  }

  /** A disk that is full or a host that is gone must not hide why that was needed. */
  private async takeBack(): Promise<void> {
    await this.installation.takeBack().catch(() => undefined)
  }

  private concluded(how: AppliedRouting['how'], live: Live, reasons: readonly string[] = []): AppliedRouting {
    const {wanted, view, isComplete, owesReload} = live
    this.live = live
    this.placed = new Map([...view.placement.backends].map(([service, backend]) => [backend, service]))
    if (isComplete && view.worker.generation === wanted.rendered.generation)
      this.installation.prove(wanted.rendered)
    this.installation.forgetOld(view.worker.generation)
    const {generation} = view.worker
    return {
      ...{how, isComplete, owesReload, skipped: wanted.skipped, generation},
      ...(reasons.length > 0 && {reasons: [...reasons]}),
    }
  }

  /** Begun before anything else, because the answer takes as long as writing the files. */
  private askNewcomers(before: Live | undefined, wanted: Wanted): Promise<ReadonlySet<string>> {
    const newcomers = before === undefined ? [] : newcomersOf(before.wanted.model, wanted.model)
    const {host, clock} = this.settings
    const asked = askHealth(host, clock, newcomers).then(({passing}) => passing)
    asked.catch(() => undefined)
    return asked
  }

  /** @throws YardError E_HAPROXY_UNCONFIRMED */
  private async seen(look: Promise<View | undefined>): Promise<View> {
    const view = await look
    if (view !== undefined) return view
    const why = 'it stopped answering on its socket'
    throw unconfirmed("Can't bring HAProxy to the new routes", why, await this.settings.host.lastLines())
  }

  /** HAProxy came back by itself, and takes every server of its file for healthy. */
  private async distrust(wanted: Wanted): Promise<void> {
    const {host, clock} = this.settings
    const {passing, failing} = await askHealth(host, clock, everyServer(wanted.model))
    this.passed = new Set(passing)
    const down = everyServer(wanted.model).filter(({service, server}) =>
      failing.has(passingKey(service.name, server)),
    )
    await this.running.takeForDown(without(down, lastOnes(wanted.model, down)).map(ownKey))
  }

  /** After a start: returns when every service that has servers has one that passed a check, or after a while. */
  private async settle({model}: Wanted, passing: ReadonlySet<string>): Promise<void> {
    const waiting = model.services.filter(({name, servers}) =>
      servers.every((server) => !passing.has(passingKey(name, server))),
    )
    const lists = waiting.map((service) =>
      service.servers.filter(({state}) => state === 'up').map((server) => ownKey({service, server})),
    )
    await this.running.untilStaffed(
      lists.filter((keys) => keys.length > 0),
      settlePatienceMillis,
    )
  }

  private async drift(worker: RunningWorker): Promise<string[]> {
    const {live} = this
    if (live === undefined) return []
    const {wanted, view} = live
    const [servers, maps] = [await this.running.servers(), await this.running.maps([...view.maps.keys()])]
    // A change may have begun meanwhile.
    if (servers === undefined || maps === undefined || this.live !== live) return []
    const other = [
      ...(worker.generation === view.worker.generation ? [] : ['it runs another configuration']),
      ...(this.running.isDetoured ? ['its admin socket is gone: it is asked through its master'] : []),
    ]
    const facts = {services: wanted.model.services, backends: view.placement.backends, running: servers}
    return [...other, ...driftOf({...facts, maps: {wanted: liveMaps(wanted, view.placement), running: maps}})]
  }

  /** Whether a HAProxy of an earlier run is looked after and answers. */
  private async isAdoptable(): Promise<boolean> {
    const {host, clock} = this.settings
    const started = clock.monotonicMillis()
    while ((await host.haproxyProcess()).isRunning) {
      const askedAt = clock.monotonicMillis()
      if ((await this.running.worker()) !== undefined) return true
      const now = clock.monotonicMillis()
      // One silence may be the connection's; two are HAProxy's.
      if (now - askedAt > stuckMillis) {
        if ((await this.running.worker()) !== undefined) return true
        await host.killHaproxy()
      } else if (now - started > adoptPatienceMillis) return false
      await clock.sleep(pollMillis)
    }
    return false
  }
}

/** How HAProxy names a server that is on the backend of its own service. */
function ownKey({service, server}: Asked): string {
  return `${backendName(service.name)}/${endpointOf(server)}`
}
