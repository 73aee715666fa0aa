import {keys} from '../../catalog/keys.js'
import {type Clock} from '../../contracts/clock.js'
import {type HostRouter} from '../../contracts/host-router.js'
import {type Report} from '../../contracts/report.js'
import {type ServiceNotifier} from '../../contracts/service-notifier.js'
import {type OpenDoor, type SidecarDoor} from '../../contracts/sidecar-door.js'
import {parseName} from '../../domain/names.js'
import {doorPortOf} from '../../domain/sidecar-door.js'
import {YardError} from '../../errors.js'
import {AgentBoard, type Board} from './agent-board.js'
import {agentRecord, doorStatus, type SidecarIdentity} from './agent-record.js'
import {doorTaken} from './ask-door.js'
import {type FollowedCatalog, type FollowedState} from './followed-state.js'
import {sidecarMetrics} from './metrics.js'
import {RoutingLoop} from './routing-loop.js'
import {type RoutingProgress} from './routing-progress.js'
import {StateReporter} from './state-reporter.js'

export interface SidecarNeeds {
  followed: FollowedCatalog
  router: HostRouter
  /** Where the catalog is told how the sidecar is. */
  board: Board
  door: SidecarDoor
  notifier: ServiceNotifier
  clock: Clock
  report: Report
  signal: AbortSignal
  /** Named by a test to have the program killed at a step. */
  failpoint?: ((step: string, moment: string) => Promise<void>) | undefined
}

export interface SidecarRequest {
  environment: string
  host: string
  /** Two above the router's unless given. */
  doorPort?: number | undefined
  pid: number
  version: string
  /** HAProxy ends with the sidecar. It goes on unless given. */
  stopsHaproxy?: boolean
}

export interface SidecarRunReport {
  environment: string
  host: string
  /** Where requests go in. */
  url: string
  doorUrl: string
  pid: number
  startedAt: string
  revision: number
  services: number
  haproxyVersion: string
  /** The catalog was away, and what it said last was taken from the disk. */
  isStale: boolean
}

/**
 * Keeps the HAProxy of a host equal to the catalog until the signal aborts; HAProxy goes on afterwards. `onReady` is
 * called once HAProxy follows.
 * @throws YardError E_NAME_INVALID, E_HOST_UNKNOWN, E_LOCKED when another sidecar is at work here, E_PORT_TAKEN
 */
export async function runSidecar(
  needs: SidecarNeeds,
  request: SidecarRequest,
  onReady: (report: SidecarRunReport) => void,
): Promise<SidecarRunReport> {
  const {clock, followed, notifier, router, signal} = needs
  parseName('environment', request.environment)
  parseName('host', request.host)
  const startedAt = clock.now().toISOString()
  // What belongs to the run ends with it, whoever called it off.
  const ending = new AbortController()
  const both = AbortSignal.any([signal, ending.signal])
  let opened: OpenDoor | undefined
  let tasks: Promise<unknown>[] = []
  try {
    await followed.start(both)
    checkHost(followed.state(), request.host)
    const identity = (): SidecarIdentity => ({...request, startedAt, haproxyVersion: router.version})
    const reporter = new StateReporter(needs.report)
    let isReady = false
    const loop = new RoutingLoop(needs, request.host, () => {
      const state = followed.state()
      reporter.tell(state)
      agents.nudge()
      if (isReady || loop.progress.appliedAt === undefined) return
      isReady = true
      const report = readyReport(identity(), state, doorPort)
      void notifier.ready(statusLine(state, progress))
      onReady(report)
    })
    const {progress} = loop
    const key = keys.agent(request.environment, request.host)
    const agents = new AgentBoard(needs, key, () =>
      loop.isTurning() ? agentRecord(identity(), followed.state(), progress) : undefined,
    )
    const doorPort = request.doorPort ?? doorPortOf(followed.state().facts.environment.router.port)
    opened = await needs.door.open(doorPort, {
      status: () => doorStatus(identity(), followed.state(), progress, clock.monotonicMillis()),
      metrics: () => sidecarMetrics(identity(), followed.state(), progress, clock.monotonicMillis()),
    })
    if (opened === undefined) throw await doorTaken(needs.door, request, doorPort)
    tasks = [loop.run(both), agents.run(both), keepAlive(needs, both, loop)]
    await Promise.race(tasks)
    return readyReport(identity(), followed.state(), doorPort)
  } finally {
    ending.abort()
    void notifier.stopping()
    await Promise.allSettled(tasks)
    await opened?.close()
    if (request.stopsHaproxy === true) await router.stop()
  }
}

/** Says that the work goes on only while it does, and how it goes when that is new. */
async function keepAlive(
  {clock, followed, notifier}: SidecarNeeds,
  signal: AbortSignal,
  loop: RoutingLoop,
): Promise<void> {
  const pause = (notifier.watchdogMillis ?? 30_000) / 3
  let told: string | undefined
  while (!signal.aborted) {
    if (loop.isTurning()) {
      await notifier.alive()
      const line = statusLine(followed.state(), loop.progress)
      if (line !== told) await notifier.status(line)
      told = line
    }
    await clock.sleep(pause, signal).catch(() => undefined)
  }
}

function checkHost({facts, staleSince}: FollowedState, host: string): void {
  const names = (facts.hosts ?? []).map(({name}) => name)
  // A catalog that is away, or lost its hosts, must not keep a sidecar from its work.
  if (names.includes(host) || names.length === 0 || staleSince !== undefined) return
  const environment = facts.environment.name
  throw new YardError('E_HOST_UNKNOWN', {
    what: `There's no host called ${host} in ${environment}`,
    why: `the environment has ${names.slice(0, 10).join(', ')}`,
    next: [
      `yard hosts list --env ${environment}`,
      `yard hosts add ${host} --env ${environment} --address 10.0.0.11`,
    ],
  })
}

function readyReport(identity: SidecarIdentity, state: FollowedState, doorPort: number): SidecarRunReport {
  const {environment, host, pid, startedAt, haproxyVersion} = identity
  const {address, port} = state.facts.environment.router
  return {
    environment,
    host,
    url: `http://${address}:${port}`,
    doorUrl: `http://127.0.0.1:${doorPort}`,
    pid,
    startedAt,
    revision: state.revision,
    services: state.facts.services.length,
    haproxyVersion,
    isStale: state.staleSince !== undefined,
  }
}

function statusLine({facts, staleSince}: FollowedState, progress: RoutingProgress): string {
  const {appliedAt, appliedRevision, problem} = progress
  const {environment, services} = facts
  if (problem !== undefined) return `HAProxy does not follow ${environment.name}: ${problem}`
  if (appliedAt === undefined) return `HAProxy is being brought to ${environment.name}`
  const follows = `HAProxy follows revision ${appliedRevision} of ${environment.name}, ${services.length} services`
  return staleSince === undefined ? follows : `${follows}; the catalog can't be heard since ${staleSince}`
}
