import {releaseProcess} from '../../../domain/procfile.js'
import {type Release} from '../../../domain/release.js'
import {lineFailed} from './build.js'
import {oneOffSpec} from './instance-spec.js'
import {type DeployRun, type StepResult} from '../run.js'
import {stepFailed} from '../step-failure.js'

const timeoutMillis = 600_000

/**
 * Runs the `release` process of the Procfile once, on one host, with the new code and environment, before anything is
 * started.
 */
export async function prepare(run: DeployRun, release: Release): Promise<StepResult> {
  const line = release.processes[releaseProcess]
  if (line === undefined) return {skipped: true, detail: 'no release process in the Procfile'}
  const [host] = run.working()
  if (host === undefined) throw stepFailed('no host is left to run it on')
  const {environment} = run.target
  const machine = await run.machine(host.name)
  const result = await machine.runOnce({
    fence: run.fence,
    instance: oneOffSpec(run.needs, {
      release,
      environment,
      host: host.name,
      process: releaseProcess,
      line,
    }),
    deadlineMillis: timeoutMillis,
    signal: run.signal,
    onLine: (text) =>
      run.needs.report({kind: 'step-output', step: 'prepare', line: run.secrets.redact(text)}),
  })
  run.signal.throwIfAborted()
  if (result.outcome !== 'succeeded') throw lineFailed(line, result, timeoutMillis)
  return {detail: run.isFleet ? `${line} on ${host.name}` : line}
}
