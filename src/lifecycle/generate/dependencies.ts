import {type CommandRunner} from '../../contracts/command-runner.js'
import {type Report} from '../../contracts/report.js'
import {YardError} from '../../errors.js'
import {interrupted} from './steps.js'

interface Work {
  commands: CommandRunner
  report: Report
  signal: AbortSignal
  directory: string
}

const installMillis = 300_000
const testMillis = 180_000

/** Exactly what the lock file says, and no package runs a script. */
export function install(work: Work, service: string): Promise<void> {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  return npm(work, 'install', args, installMillis, [
    `yard generate service ${service} --no-install`,
    'npm ping',
    'npm config get registry',
  ])
}

export function runTests(work: Work, service: string): Promise<void> {
  return npm(work, 'test', ['test'], testMillis, [`yard generate service ${service} --no-install`])
}

async function npm(
  work: Work,
  step: string,
  args: string[],
  deadlineMillis: number,
  next: [string, ...string[]],
): Promise<void> {
  const result = await work.commands.run(
    {file: 'npm', args},
    {
      directory: work.directory,
      deadlineMillis,
      signal: work.signal,
      variables: {npm_config_update_notifier: 'false'},
      onLine: (line) => work.report({kind: 'step-output', step, line}),
    },
  )
  if (result.outcome === 'succeeded') return
  if (result.outcome === 'aborted') throw interrupted()
  const ended = {
    failed: `ended with ${result.exitCode === undefined ? (result.signal ?? 'a signal') : `exit code ${result.exitCode}`}`,
    'timed-out': `was not done after ${deadlineMillis / 1000} s`,
    'not-found': 'was not found: it comes with Node.js',
  }
  const lastLines = result.lastLines.slice(-20)
  if (lastLines.length > 0) work.report({kind: 'note', text: ['last lines:', ...lastLines].join('\n    ')})
  throw new YardError('E_GENERATE_FAILED', {
    what: `Can't ${step === 'test' ? 'test' : 'install the dependencies of'} the new service`,
    why: `npm ${args[0] ?? ''} ${ended[result.outcome]}`,
    next,
    details: {step, lastLines},
  })
}
