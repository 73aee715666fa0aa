import {releaseVariables, secretsOf} from '../../domain/instance-environment.js'
import {releaseProcess} from '../../domain/procfile.js'
import {type Release} from '../../domain/release.js'
import {lineFailed} from './build.js'
import {type DeployRun, type StepResult} from './run.js'

const timeoutMillis = 600_000

/** Runs the `release` process of the Procfile once, with the new code and environment, before anything is started. */
export async function prepare(run: DeployRun, release: Release): Promise<StepResult> {
  const line = release.processes[releaseProcess]
  if (line === undefined) return {skipped: true, detail: 'no release process in the Procfile'}
  const {artifacts, commands, openSecrets, report} = run.needs
  const directory = artifacts.releaseDirectory(release.service, release.number)
  const opened = await openSecrets({secrets: secretsOf(release), directory, signal: run.signal})
  const secrets = Object.entries(opened).map(([name, secret]) => [name, secret.reveal()])
  const result = await commands.run(
    {line},
    {
      directory,
      variables: {
        ...releaseVariables(release, run.target.environment),
        ...(Object.fromEntries(secrets) as Record<string, string>),
      },
      deadlineMillis: timeoutMillis,
      signal: run.signal,
      onLine: (text) => report({kind: 'step-output', step: 'prepare', line: text}),
    },
  )
  run.signal.throwIfAborted()
  if (result.outcome !== 'succeeded') throw lineFailed(line, result, timeoutMillis)
  return {detail: line}
}
