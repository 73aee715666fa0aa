import {routedBaseUrl} from '../../domain/smoke/base-url.js'
import {type SmokeReport} from '../../domain/smoke/report.js'
import {type Release} from '../../domain/release.js'
import {type DeployRun, type StepResult, stepFailed} from './run.js'

/** Runs the smoke tests of the release through the router, as a caller would. */
export async function smokeNew(run: DeployRun, release: Release): Promise<StepResult> {
  const {environment, service} = run.target
  if (release.smoke.length === 0) return {skipped: true, detail: 'none in service.yaml'}
  const report = await run.needs.smoke({
    service,
    environment: environment.name,
    baseUrl: routedBaseUrl(service, environment),
    release: release.number,
    root: run.needs.artifacts.releaseDirectory(service, release.number),
    globs: release.smoke,
    whenNone: 'skip',
  })
  run.signal.throwIfAborted()
  if (report.outcome === 'skipped')
    return {skipped: true, detail: `nothing matches ${release.smoke.join(', ')}`}
  if (report.outcome === 'passed')
    return {detail: `${report.files.length} files, ${report.requests} requests`}
  const failures = failureLines(report)
  const first = failures[0] ?? `${service} did not answer`
  const count = report.failures === 1 ? '1 smoke check' : `${report.failures} smoke checks`
  throw stepFailed(`${count} failed: ${first}`, failures)
}

function failureLines(report: SmokeReport): string[] {
  return report.files.flatMap(({file, steps}) =>
    steps.flatMap(({title, failures}) =>
      failures.map(
        ({position, expected, actual}) =>
          `${file}:${position.line}:${position.column} ${title}: expected ${short(expected)}, got ${short(actual)}`,
      ),
    ),
  )
}

/** On one line: an answer may be long and have many. */
function short(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 200)
}
