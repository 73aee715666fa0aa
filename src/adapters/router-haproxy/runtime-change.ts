import {passingKey, planServers, type ServerPlan} from '../../domain/haproxy/change.js'
import {planMaps} from '../../domain/haproxy/map-change.js'
import {isVersionAtLeast} from '../../domain/haproxy/version.js'
import {type RouterHost} from '../../contracts/router-host.js'
import {type Clock} from '../../contracts/clock.js'

import {askHealth} from './health-round.js'
import {type RouterFailpoint} from './installation.js'
import {type RunningHaproxy, type RunningServers} from './running-haproxy.js'
import {type View, type Viewing} from './viewing.js'
import {firstWithAddServer, liveMaps, type Wanted} from './wanted.js'

export interface RuntimeNeeds {
  host: RouterHost
  clock: Clock
  running: RunningHaproxy
  viewing: Viewing
  failpoint: RouterFailpoint
}

export interface RuntimeOutcome {
  /** What is there afterwards. */
  view: View
  isChanged: boolean
  /** Servers that were raised without a check of HAProxy's own, in the words of `passingKey`. */
  passing: ReadonlySet<string>
  /** Why the socket was not enough, a clause each. */
  reasons: string[]
}

/**
 * Does what the running worker can do at once, and reads it back.
 * @param request.asked servers that passed their health check a moment ago
 */
export async function changeAtRunTime(
  needs: RuntimeNeeds,
  {wanted, view, asked}: {wanted: Wanted; view: View; asked: ReadonlySet<string>},
): Promise<RuntimeOutcome> {
  const maps = planMaps(view.maps, liveMaps(wanted, view.placement))
  const {plan, passing} = await planAsked(needs, wanted, view, asked)
  if (plan.change === undefined && maps.commands.length === 0) {
    await needs.running.discard(plan.leftovers)
    return {view, isChanged: false, passing, reasons: plan.reasons}
  }
  await needs.failpoint('runtime', 'before')
  const complaints = await needs.running.change(plan.change, maps)
  await needs.failpoint('runtime', 'after')
  const after = await readBack(needs, wanted, view)
  const reasons = [...plan.reasons, ...complaints.map((line) => `HAProxy answered ${line}`)]
  if (after === undefined)
    return {view, isChanged: true, passing, reasons: [...reasons, 'HAProxy stopped answering']}
  const left = planned(wanted, after, new Set())
  if (left.change !== undefined && complaints.length === 0)
    reasons.push('HAProxy did not do what it was told')
  return {view: after, isChanged: true, passing, reasons}
}

/** Where it isn't known of all servers that would be raised, they are asked first. */
async function planAsked(
  {host, clock}: RuntimeNeeds,
  wanted: Wanted,
  view: View,
  asked: ReadonlySet<string>,
): Promise<{plan: ServerPlan; passing: ReadonlySet<string>}> {
  const plan = planned(wanted, view, asked)
  const raised = new Set(
    plan.change?.bringUp.flat().flatMap((line) => /^set server (\S+) health down$/.exec(line)?.[1] ?? []),
  )
  if (raised.size === 0 || view.touched !== 'all') return {plan, passing: asked}
  const unasked = wanted.model.services.flatMap((service) => {
    const backend = view.placement.backends.get(service.name) ?? ''
    return service.servers
      .filter(({address, port}) => raised.has(`${backend}/${address}:${port}`))
      .map((server) => ({service, server}))
  })
  const round = await askHealth(
    host,
    clock,
    unasked.filter(({service, server}) => !asked.has(passingKey(service.name, server))),
  )
  const passing = new Set([...asked, ...round.passing])
  return {plan: planned(wanted, view, passing), passing}
}

async function readBack({viewing}: RuntimeNeeds, wanted: Wanted, view: View): Promise<View | undefined> {
  const backends = [...lookedAt(wanted, view).keys()]
  const known = [...view.servers.keys()]
  const servers = await viewing.reread(
    view.servers,
    view.touched === 'all' ? [...new Set([...backends, ...known])] : backends,
  )
  return servers === undefined
    ? undefined
    : {...view, servers, maps: new Map([...view.maps, ...liveMapsThere(wanted, view)])}
}

function liveMapsThere(wanted: Wanted, {maps, placement}: View) {
  return [...liveMaps(wanted, placement)].filter(([name]) => maps.has(name))
}

function planned(wanted: Wanted, view: View, passing: ReadonlySet<string>): ServerPlan {
  const {touched, placement} = view
  const {services, checkMillis} = wanted.model
  return planServers({
    services: touched === 'all' ? services : services.filter(({name}) => touched.has(name)),
    backends: placement.backends,
    running: lookedAt(wanted, view),
    checkMillis,
    canAddServers: isVersionAtLeast(wanted.settings.version, firstWithAddServer),
    passing,
  })
}

/** The backends that the plan is about. One that no service of the model is on is about none but itself. */
function lookedAt({model}: Wanted, {touched, servers, placement}: View): RunningServers {
  if (touched === 'all') return servers
  const untouched = new Set(
    model.services.filter(({name}) => !touched.has(name)).map(({name}) => placement.backends.get(name)),
  )
  const own = model.services
    .filter(({name}) => touched.has(name))
    .flatMap(({name}) => placement.backends.get(name) ?? [])
  const there = [...servers].filter(([backend]) => !untouched.has(backend))
  const missing = own.filter((backend) => !servers.has(backend)).map((backend) => [backend, []] as const)
  return new Map([...there, ...missing])
}
