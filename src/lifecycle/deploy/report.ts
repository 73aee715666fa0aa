import {type Deploy} from '../../domain/deploy.js'
import {routerUrl} from '../../domain/instance-environment.js'
import {type Strategy} from '../../domain/strategy.js'
import {releaseOf} from './bring-up.js'
import {failedHosts} from './undo/failed-hosts.js'
import {isServing, runningOf} from './instances.js'
import {type DeployRun, type StepSummary} from './run.js'

export interface DeployReport {
  service: string
  environment: string
  kind: Deploy['kind']
  deploy: number
  release: number
  ref: string
  commit: string
  dirty: boolean
  /** `partial`: it is live, but not on every host. */
  outcome: Deploy['outcome']
  strategy: Strategy['kind']
  /** Names of hosts, in the groups in which they got the release. */
  batches: string[][]
  /** The release that had the traffic before. */
  before?: number
  /** What was started. */
  instances: {id: string; host: string; address: string; port?: number}[]
  /** How many instances of the release there are now, with those that ran before. */
  running: number
  /** Whether any of them gets requests. */
  isServing: boolean
  /** Hosts that did not get the release, each with the reason. */
  failedHosts?: {host: string; why: string}[]
  /** Hosts that `--hosts` left out. */
  leftOut?: string[]
  router: {url: string; header: string}
  millis: number
  steps: StepSummary[]
}

/** @param started of the monotonic clock */
export function reportOf(run: DeployRun, started: number): DeployReport {
  const {environment, leftOut, service} = run.target
  const {commit, dirty, number, ref} = releaseOf(run)
  return {
    service,
    environment: environment.name,
    kind: run.record.kind,
    deploy: run.record.number,
    release: number,
    ref,
    commit,
    dirty,
    outcome: run.record.outcome,
    strategy: run.strategy.kind,
    batches: run.batches.map((batch) => batch.map(({name}) => name)),
    ...(run.before !== undefined && {before: run.before.active}),
    instances: run.instances.map(({id, host, address, port}) => ({
      id,
      host,
      address,
      ...(port !== undefined && {port}),
    })),
    running: runningOf(run).length,
    isServing: isServing(run),
    ...(run.failedHosts.size > 0 && {failedHosts: failedHosts(run)}),
    ...(leftOut.length > 0 && {leftOut: leftOut.map(({name}) => name)}),
    router: {url: routerUrl(environment), header: environment.router.header},
    millis: Math.round(run.needs.clock.monotonicMillis() - started),
    steps: run.steps,
  }
}
