import {type Clock} from '../../../contracts/clock.js'
import {type Report} from '../../../contracts/report.js'
import {type DeployStep, type DeployStepName} from '../../../domain/deploy.js'
import {placeOf, type PlannedStep} from '../../../domain/planned-steps.js'
import {HostProgress, type HostState} from './host-progress.js'
import {hostsOf, isCatalogAway, reasonOf, StepFailure} from '../step-failure.js'

export interface StepSummary {
  step: DeployStepName
  /** Of several, from 1. */
  batch?: number
  outcome: 'done' | 'skipped' | 'failed'
  millis: number
  detail?: string
}

export type StepResult = {detail?: string; skipped?: true}

export interface JournalNeeds {
  clock: Clock
  report: Report
  signal: AbortSignal
  deploy: number
  plan: readonly PlannedStep[]
  /** Of earlier attempts at the same deploy. */
  rows: readonly DeployStep[]
  /** Whether rows tell of each host. */
  namesHosts: boolean
  /** Hides the values of opened secrets: what went wrong may quote the output of a service. */
  hide: (text: string) => string
  failpoint?: (step: string, moment: string) => Promise<void>
  writeRow: (row: DeployStep, index: number) => Promise<void>
}

/** These only look, and what they see may be another thing by now: they look again until the step that builds on it is over. */
const lookedAtUntil: Partial<Record<DeployStepName, DeployStepName>> = {check: 'unpack', health: 'move'}

/** What a deploy does, step by step: each has a row in the catalog that is written before and after. */
export class Journal {
  readonly steps: StepSummary[] = []

  constructor(private readonly needs: JournalNeeds) {}

  /** @throws StepFailure */
  async step(
    planned: PlannedStep,
    title: string,
    work: (hosts: HostProgress) => Promise<StepResult>,
  ): Promise<void> {
    const {clock, deploy, failpoint, report, signal} = this.needs
    const {batch, step} = planned
    const earlier = this.earlier(planned)
    if (this.isDone(planned) && !this.isLookedAtAgain(planned)) {
      this.steps.push({...shared(planned), outcome: 'skipped', millis: 0, detail: 'done before'})
      return
    }
    const started = clock.monotonicMillis()
    const row: DeployStep = {
      v: 1,
      deploy,
      step,
      attempt: (earlier?.attempt ?? 0) + 1,
      startedAt: clock.now().toISOString(),
      outcome: 'running',
      ...(batch !== undefined && {batch}),
    }
    await failpoint?.(step, 'before')
    report({kind: 'step-started', step, title: this.titled(title, planned)})
    const tell = (states: HostState[]) => this.write(planned, {...row, hosts: this.hidden(states)})
    const known = step in lookedAtUntil ? [] : (earlier?.hosts ?? [])
    const hosts = new HostProgress(known, this.needs.namesHosts ? tell : undefined)
    const finish = async (outcome: StepSummary['outcome'], detail: string | undefined, error?: unknown) => {
      const millis = Math.round(clock.monotonicMillis() - started)
      const shown = detail === undefined ? {} : {detail: this.needs.hide(detail).slice(0, 1_000)}
      this.steps.push({...shared(planned), outcome, millis, ...shown})
      report({kind: 'step-finished', step, outcome, millis, ...shown})
      if (isCatalogAway(error)) return
      await this.write(planned, {
        ...row,
        finishedAt: clock.now().toISOString(),
        durationMillis: millis,
        outcome,
        ...shown,
        ...this.hostsAtEnd(hosts, error),
      })
    }
    try {
      signal.throwIfAborted()
      await this.write(planned, row)
      const {detail, skipped} = await work(hosts)
      await finish(skipped ? 'skipped' : 'done', detail)
    } catch (error) {
      await finish('failed', reasonOf(error), error).catch(() => undefined)
      throw new StepFailure(step, error)
    }
    await failpoint?.(step, 'after')
  }

  /** Whether an earlier attempt at this deploy did it. */
  isDone(planned: PlannedStep): boolean {
    const earlier = this.earlier(planned)
    return earlier !== undefined && isOver(earlier)
  }

  private isLookedAtAgain({step, ...batch}: PlannedStep): boolean {
    const until = lookedAtUntil[step]
    return until !== undefined && !this.isDone({...batch, step: until})
  }

  /** A step that doesn't go host by host fails on the hosts that its failure names. */
  private hostsAtEnd({states}: HostProgress, error: unknown): Pick<DeployStep, 'hosts'> {
    if (!this.needs.namesHosts) return {}
    const known = new Set(states.map(({host}) => host))
    const named = hostsOf(error).filter((host) => !known.has(host))
    const detail = reasonOf(error)
    const failed = named.map((host): HostState => ({host, outcome: 'failed', detail}))
    const all = [...states, ...failed]
    return all.length === 0 ? {} : {hosts: this.hidden(all)}
  }

  private hidden(states: readonly HostState[]): HostState[] {
    return states.map(({detail, ...state}) =>
      detail === undefined ? state : {...state, detail: this.needs.hide(detail).slice(0, 500)},
    )
  }

  private titled(title: string, {batch}: PlannedStep): string {
    const all = Math.max(...this.needs.plan.map((planned) => planned.batch ?? 0))
    return batch === undefined ? title : `${title} (batch ${batch} of ${all})`
  }

  /** The newest row of this step. */
  private earlier({batch, step}: PlannedStep): DeployStep | undefined {
    return this.needs.rows
      .filter((row) => row.step === step && row.batch === batch)
      .sort((one, other) => other.attempt - one.attempt)[0]
  }

  private write(planned: PlannedStep, row: DeployStep): Promise<void> {
    return this.needs.writeRow(row, placeOf(this.needs.plan, planned))
  }
}

function isOver({outcome}: DeployStep): boolean {
  return outcome === 'done' || outcome === 'skipped'
}

function shared({batch, step}: PlannedStep): Pick<StepSummary, 'step' | 'batch'> {
  return batch === undefined ? {step} : {step, batch}
}
