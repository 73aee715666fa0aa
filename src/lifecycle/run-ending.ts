import {type RunResult} from '../contracts/command-runner.js'

/** How a command line ended, as what follows it in a sentence: `ended with exit 2`. */
export function runEnding({exitCode, outcome, signal}: RunResult, timeoutMillis: number): string {
  const endings: Record<RunResult['outcome'], string> = {
    succeeded: 'succeeded',
    failed: signal === undefined ? `ended with exit ${exitCode ?? 1}` : `was ended by ${signal}`,
    'timed-out': `was not done after ${timeoutMillis / 1_000} s`,
    'not-found': 'could not be started',
    aborted: 'was stopped',
  }
  return endings[outcome]
}
