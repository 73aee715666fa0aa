import {type Instance} from '../../../domain/instance.js'
import {webProcess} from '../../../domain/procfile.js'
import {type Release} from '../../../domain/release.js'
import {routedBaseUrl} from '../../../domain/smoke/base-url.js'
import {type SmokeReport} from '../../../domain/smoke/report.js'
import {isServing} from '../instances.js'
import {filesBelow} from './files-below.js'
import {type DeployRun, type StepResult} from '../run.js'
import {onHost, stepFailed} from '../step-failure.js'

/** Runs the smoke tests of the release through the router, as a caller would. */
export async function smokeNew(run: DeployRun, release: Release): Promise<StepResult> {
  const {environment, service} = run.target
  if (release.smoke.length === 0) return {skipped: true, detail: 'none in service.yaml'}
  if (!isServing(run)) return {skipped: true, detail: nobodyAnswers}
  const {address, port} = environment.router
  const [host] = run.working()
  // Each host has a router: that of the first one is as good as any.
  const reached =
    run.isFleet && host !== undefined
      ? await (await run.machine(host.name)).reach({address: loopbackFor(address), port})
      : {address, port}
  const router = {...environment.router, ...reached}
  return smokeAt(run, release, routedBaseUrl(service, {...environment, router}))
}

/** Runs them against new instances themselves, which get no traffic yet: one on each host. */
export async function verify(
  run: DeployRun,
  release: Release,
  hosts: readonly {name: string}[],
): Promise<StepResult> {
  if (release.smoke.length === 0) return {skipped: true, detail: 'none in service.yaml'}
  let last: StepResult = {skipped: true, detail: nobodyAnswers}
  for (const {name} of run.working(run.target.hosts.filter((one) => hosts.includes(one)))) {
    const instance = run.instances.find(({host, process}) => host === name && process === webProcess)
    if (instance?.port === undefined) continue
    try {
      last = await smokeAt(run, release, await directUrl(run, instance, instance.port))
    } catch (error) {
      run.signal.throwIfAborted()
      throw run.isFleet ? onHost(name, error) : error
    }
  }
  return last
}

const nobodyAnswers = 'no instance of it gets requests'

async function directUrl(run: DeployRun, {address, host}: Instance, port: number): Promise<string> {
  const reached = await (await run.machine(host)).reach({address, port})
  return `http://${reached.address}:${reached.port}`
}

/** A router that listens everywhere is reached on its own machine. */
function loopbackFor(address: string): string {
  return address === '0.0.0.0' ? '127.0.0.1' : address
}

async function smokeAt(run: DeployRun, release: Release, baseUrl: string): Promise<StepResult> {
  const {environment, service} = run.target
  const report = await run.needs.smoke({
    service,
    environment: environment.name,
    baseUrl,
    release: release.number,
    root: await smokeRoot(run, release),
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

/** The tests are those of the release, wherever it was built. */
async function smokeRoot(run: DeployRun, release: Release): Promise<string> {
  if (!run.isFleet) return run.needs.artifacts.releaseDirectory(release.service, release.number)
  const source = await run.sourceOf(release)
  return source.directoryWith(filesBelow(source.files, release.smoke))
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
