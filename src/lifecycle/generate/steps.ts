import {type Clock} from '../../contracts/clock.js'
import {type Report} from '../../contracts/report.js'
import {YardError} from '../../errors.js'

export interface FinishedStep {
  step: string
  millis: number
}

/** Runs steps one after another, reports each with its time, and stops between two of them when interrupted. */
export class Steps {
  readonly finished: FinishedStep[] = []

  constructor(private readonly needs: {clock: Clock; report: Report; signal: AbortSignal}) {}

  async run<T>(step: string, title: string, work: () => Promise<T>): Promise<T> {
    const {clock, report, signal} = this.needs
    if (signal.aborted) throw interrupted()
    const began = clock.monotonicMillis()
    const elapsed = () => Math.round(clock.monotonicMillis() - began)
    report({kind: 'step-started', step, title})
    try {
      const result = await work()
      report({kind: 'step-finished', step, outcome: 'done', millis: elapsed()})
      this.finished.push({step, millis: elapsed()})
      return result
    } catch (error) {
      report({kind: 'step-finished', step, outcome: 'failed', millis: elapsed()})
      throw error
    }
  }
}

export function interrupted(): YardError {
  return new YardError('E_INTERRUPTED', {
    what: 'Generating was interrupted',
    why: 'a signal arrived before the service was complete, so nothing of it was kept',
    next: ['run the same command again'],
  })
}
