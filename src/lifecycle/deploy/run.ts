import {setMaxListeners} from 'node:events'

import {keys} from '../../catalog/keys.js'
import {type HeldLock} from '../../catalog/locks.js'
import {
  type HostFence,
  type HostSurvey,
  type InstanceHost,
  type SurveyRequest,
} from '../../contracts/instance-host.js'
import {type Compare, type Write} from '../../contracts/store.js'
import {type Traffic} from '../../contracts/traffic.js'
import {type Deploy, type DeployStep, type DeployStepName} from '../../domain/deploy.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {type Instance} from '../../domain/instance.js'
import {type PlannedStep, plannedSteps} from '../../domain/planned-steps.js'
import {type Binding, type Release} from '../../domain/release.js'
import {type ReleaseManifest} from '../../domain/release-manifest.js'
import {Redactor, textsOfSecret} from '../../domain/smoke/secrets.js'
import {type Scale} from '../../domain/scale.js'
import {defaultStrategy, type FailurePolicy, type Strategy} from '../../domain/strategy.js'
import {type HookSet} from '../hooks/run-hooks.js'
import {type OpenedSecrets, type OpenRequest} from '../secrets/open-secrets.js'
import {Journal, type StepResult, type StepSummary} from './journal/journal.js'
import {type RolloutNeeds} from './needs.js'
import {type HostProgress} from './journal/host-progress.js'
import {openReleaseSource} from './steps/open-release-source.js'
import {type ReleaseSource} from './steps/release-source.js'
import {secretsDirectory} from './steps/secrets-directory.js'

export {type StepResult, type StepSummary} from './journal/journal.js'

export interface Target {
  service: string
  environment: Environment
  /** Those that get the release, in the order of their names. */
  hosts: Host[]
  /** Those of the environment that `--hosts` leaves out: they keep what they have. */
  leftOut: Host[]
}

/** One attempt to put a release into an environment: what is known of it so far, and its guarded writes. */
export class DeployRun {
  release: Release | undefined
  manifest: ReleaseManifest | undefined
  scale: Scale | undefined
  /** What this deploy started. */
  instances: Instance[] = []
  /** Of the same release, from before, that stay: another scale needs them as well. */
  kept: Instance[] = []
  /** Who had the traffic when it began; undefined for the first deploy. */
  before: Binding | undefined
  /** The release that the binding names, as far as this deploy knows. */
  live: number | undefined
  /** The old instances are being ended: from here on there is no way back. */
  isFinal = false
  /** Hosts that are left out because something failed there, each with the reason; see `FailurePolicy`. */
  readonly failedHosts = new Map<string, string>()
  /** Hosts that can't be reached, or that did not follow the catalog in time: going back doesn't wait for them again. */
  readonly laggingHosts = new Set<string>()
  readonly surveys = new Map<string, HostSurvey>()
  readonly signal: AbortSignal
  /** Values of secrets that were opened for it: they are told to nobody. */
  readonly secrets = new Redactor()
  /** The service's own, read from its repository just now; those that the catalog keeps are never run. */
  ownHooks: HookSet | undefined
  readonly needs: RolloutNeeds
  /** Awaited at the very end, when nobody waits for the lock any more. */
  readonly closers: (() => Promise<void>)[] = []
  private readonly journal: Journal
  private readonly warned = new Set<string>()
  private readonly machines = new Map<string, Promise<InstanceHost>>()
  private openedTraffic: Promise<Traffic> | undefined
  private source: Promise<ReleaseSource> | undefined

  /** @param rows what an interrupted attempt at the same deploy wrote, to go on with it */
  constructor(
    needs: RolloutNeeds,
    readonly target: Target,
    private readonly lock: HeldLock,
    public record: Deploy,
    rows: readonly DeployStep[] = [],
  ) {
    this.needs = {...needs, openSecrets: (request) => this.openSecrets(needs, request)}
    this.signal = AbortSignal.any([needs.signal, lock.lost])
    // Every host of a fleet listens to it.
    setMaxListeners(0, this.signal)
    const {failpoint} = needs
    this.journal = new Journal({
      ...{clock: needs.clock, report: needs.report, signal: this.signal, rows, plan: this.plan},
      deploy: record.number,
      namesHosts: target.environment.kind === 'hosts',
      hide: (text) => this.secrets.redact(text),
      ...(failpoint !== undefined && {failpoint}),
      writeRow: (row, index) => this.writeRow(row, index),
    })
  }

  get isFleet(): boolean {
    return this.target.environment.kind === 'hosts'
  }

  get strategy(): Strategy {
    return this.record.strategy ?? defaultStrategy
  }

  get onFailure(): FailurePolicy {
    return this.record.onFailure ?? 'rollback'
  }

  /** Shown to every host before anything is changed there. */
  get fence(): HostFence {
    const {environment, service} = this.target
    return {environment: environment.name, service, number: this.lock.number}
  }

  get steps(): StepSummary[] {
    return this.journal.steps
  }

  /** All of its hosts, in the groups in which they get the release. */
  get batches(): Host[][] {
    const names = this.record.batches ?? [this.target.hosts.map(({name}) => name)]
    return names.map((batch) => this.target.hosts.filter(({name}) => batch.includes(name)))
  }

  get plan(): PlannedStep[] {
    const {kind} = this.target.environment
    return plannedSteps({kind, strategy: this.strategy, batches: this.batches.length})
  }

  /** Those of the given hosts on which nothing failed. */
  working(hosts: readonly Host[] = this.target.hosts): Host[] {
    return hosts.filter(({name}) => !this.failedHosts.has(name))
  }

  /** Opened once; closed by `close`. */
  machine(host: string): Promise<InstanceHost> {
    const opened = this.machines.get(host) ?? this.open(host)
    this.machines.set(host, opened)
    return opened
  }

  /**
   * Opened once; closed by `close`.
   * @param look how hosts of this deploy that are asked for it are looked at on the way
   * @throws YardError E_ARTIFACT when neither this machine nor a host has it
   */
  sourceOf(release: Release, look?: Omit<SurveyRequest, 'release'>): Promise<ReleaseSource> {
    if (this.source !== undefined) return this.source
    const isOwn = (environment: string, name: string) =>
      environment === this.target.environment.name && this.working().some((host) => host.name === name)
    const source = openReleaseSource(this.needs, release, {
      surveyFor: ({environment, host}) => (isOwn(environment.name, host.name) ? look : undefined),
      machineOf: (environment, host) =>
        isOwn(environment.name, host.name) ? this.machine(host.name) : undefined,
    })
    this.source = source
    source.catch(() => (this.source = undefined))
    return source
  }

  traffic(): Promise<Traffic> {
    return (this.openedTraffic ??= this.needs.trafficOf(this.target.environment))
  }

  /**
   * Writes only while this deploy holds its lock: a holder that slept past its time changes nothing.
   * @throws YardError E_CONFLICT
   */
  write(compares: readonly Compare[], writes: readonly Write[]): Promise<number> {
    const what = `Can't go on with the deploy of ${this.target.service}`
    return this.needs.catalog.commit(what, [this.lock.fence, ...compares], writes)
  }

  async pass(step: DeployStepName, moment: string): Promise<void> {
    await this.needs.failpoint?.(step, moment)
  }

  /**
   * Runs a step between two writes of its row; one that an earlier attempt at this deploy did is not done again.
   * @throws StepFailure
   */
  step(
    step: DeployStepName | PlannedStep,
    title: string,
    work: (hosts: HostProgress) => Promise<StepResult>,
  ): Promise<void> {
    return this.journal.step(typeof step === 'string' ? {step} : step, title, work)
  }

  /** Whether an earlier attempt at this deploy did it. */
  isDone(step: DeployStepName): boolean {
    return this.journal.isDone({step})
  }

  /** Tells what may come up again and again. @param about what nothing more is told of, even in other words */
  warnOnce(text: string, about = text): void {
    if (this.warned.has(about)) return
    this.warned.add(about)
    this.needs.report({kind: 'warning', text})
  }

  /** Changes the record of this deploy. */
  async update(changes: Partial<Deploy>): Promise<void> {
    this.record = {...this.record, ...changes}
    const {number} = this.record
    const key = keys.deploy(this.target.environment.name, this.target.service, number)
    await this.write([], [this.needs.catalog.deploys.put(key, this.record)])
  }

  /** Lets go of every machine. What runs there goes on. */
  async close(): Promise<void> {
    const source = await this.source?.catch(() => undefined)
    this.source = undefined
    await source?.close().catch(() => undefined)
    const opened = await Promise.allSettled(this.machines.values())
    const machines = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    await Promise.allSettled(machines.map((machine) => machine.close()))
    this.machines.clear()
  }

  private async openSecrets({openSecrets}: RolloutNeeds, request: OpenRequest): Promise<OpenedSecrets> {
    const {release} = this
    const directory =
      this.isFleet && release !== undefined
        ? await secretsDirectory(request.secrets, () => this.sourceOf(release))
        : undefined
    const opened = await openSecrets({...request, ...(directory !== undefined && {directory})})
    for (const secret of Object.values(opened)) {
      for (const text of textsOfSecret(secret.reveal())) this.secrets.add(text)
    }
    return opened
  }

  private async open(name: string): Promise<InstanceHost> {
    const {environment, hosts, leftOut} = this.target
    const host = [...hosts, ...leftOut].find((one) => one.name === name)
    if (host === undefined) throw new Error(`a deploy asked for ${name}, which isn't one of its hosts`)
    return this.needs.openInstanceHost(environment, host)
  }

  private async writeRow(row: DeployStep, index: number): Promise<void> {
    const {environment, service} = this.target
    const key = keys.deployStep(environment.name, service, row.deploy, index, row.attempt)
    await this.write([], [this.needs.catalog.deploySteps.put(key, row)])
  }
}
