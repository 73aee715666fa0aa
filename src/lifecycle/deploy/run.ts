import {keys} from '../../catalog/keys.js'
import {type HeldLock} from '../../catalog/locks.js'
import {type Compare, type Write} from '../../contracts/store.js'
import {type Deploy, type DeployStep, type DeployStepName, deploySteps} from '../../domain/deploy.js'
import {type Environment, type Host} from '../../domain/environment.js'
import {type Instance} from '../../domain/instance.js'
import {type Binding, type Release} from '../../domain/release.js'
import {YardError} from '../../errors.js'
import {type RolloutNeeds} from './needs.js'

export interface Target {
  service: string
  environment: Environment
  hosts: Host[]
}

export interface StepSummary {
  step: DeployStepName
  outcome: 'done' | 'skipped' | 'failed'
  millis: number
  detail?: string
}

export type StepResult = {detail?: string; skipped?: true}

/** One attempt to put a release into an environment: what is known of it so far, and its guarded writes. */
export class DeployRun {
  release: Release | undefined
  /** What this deploy started. */
  instances: Instance[] = []
  /** Who had the traffic when it began; undefined for the first deploy. */
  before: Binding | undefined
  hasMoved = false
  /** The old instances are being ended: from here on there is no way back. */
  isFinal = false
  readonly steps: StepSummary[] = []
  readonly signal: AbortSignal

  constructor(
    readonly needs: RolloutNeeds,
    readonly target: Target,
    private readonly lock: HeldLock,
    public record: Deploy,
  ) {
    this.signal = AbortSignal.any([needs.signal, lock.lost])
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

  /** Runs a step between two writes of its row. */
  async step(step: DeployStepName, title: string, work: () => Promise<StepResult>): Promise<void> {
    const {clock, report} = this.needs
    const started = clock.monotonicMillis()
    const row: DeployStep = {
      v: 1,
      deploy: this.record.number,
      step,
      attempt: 1,
      startedAt: clock.now().toISOString(),
      outcome: 'running',
    }
    await this.pass(step, 'before')
    report({kind: 'step-started', step, title})
    const finish = async (outcome: StepSummary['outcome'], detail: string | undefined) => {
      const millis = Math.round(clock.monotonicMillis() - started)
      const shown = detail === undefined ? {} : {detail: detail.slice(0, 1_000)}
      this.steps.push({step, outcome, millis, ...shown})
      report({kind: 'step-finished', step, outcome, millis, ...shown})
      await this.writeRow({
        ...row,
        finishedAt: clock.now().toISOString(),
        durationMillis: millis,
        outcome,
        ...shown,
      })
    }
    try {
      this.signal.throwIfAborted()
      await this.writeRow(row)
      const {detail, skipped} = await work()
      await finish(skipped ? 'skipped' : 'done', detail)
    } catch (error) {
      await finish('failed', reasonOf(error)).catch(() => undefined)
      throw new StepFailure(step, error)
    }
    await this.pass(step, 'after')
  }

  /** Changes the record of this deploy. */
  async update(changes: Partial<Deploy>): Promise<void> {
    this.record = {...this.record, ...changes}
    const {number} = this.record
    const key = keys.deploy(this.target.environment.name, this.target.service, number)
    await this.write([], [this.needs.catalog.deploys.put(key, this.record)])
  }

  private async writeRow(row: DeployStep): Promise<void> {
    const {environment, service} = this.target
    const index = deploySteps.indexOf(row.step) + 1
    const key = keys.deployStep(environment.name, service, row.deploy, index, row.attempt)
    await this.write([], [this.needs.catalog.deploySteps.put(key, row)])
  }
}

/** Which step failed, and why. Never leaves the lifecycle. */
export class StepFailure extends Error {
  constructor(
    readonly step: DeployStepName,
    override readonly cause: unknown,
  ) {
    super(`${step} failed`)
  }
}

/** Why something failed, harmless on a terminal: it may quote output and files of others. */
export function reasonOf(error: unknown): string {
  return withoutControls(error instanceof YardError ? error.why : messageOf(error))
}

/** Keeps line breaks; everything else that could move a cursor or change a colour becomes a space. */
export function withoutControls(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A failure of the service or its surroundings inside a step, with the output that explains it. */
export function stepFailed(why: string, lastLines: readonly string[] = []): YardError {
  return new YardError('E_STEP_FAILED', {
    what: 'A step failed',
    why,
    next: ['yard status'],
    ...(lastLines.length > 0 && {details: {lastLines}}),
  })
}
