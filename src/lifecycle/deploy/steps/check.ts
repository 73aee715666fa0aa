import {type HostSurvey} from '../../../contracts/instance-host.js'
import {type Release} from '../../../domain/release.js'
import {YardError} from '../../../errors.js'
import {leaveOut} from '../undo/failed-hosts.js'
import {type HostProgress} from '../journal/host-progress.js'
import {neededReleases} from './prune.js'
import {releaseManifest} from './release-manifest.js'
import {type DeployRun, type StepResult} from '../run.js'
import {untilAborted} from '../wait.js'

/** A clock that is further off than this makes times in logs and certificates hard to believe. */
const clockMillis = 5_000

/**
 * Looks at all hosts at once, before anything is changed on one of them: whether they are there, set up, and have room and
 * what the release needs. Each hears of the lock, and makes room by removing what may go.
 */
export async function checkHosts(
  run: DeployRun,
  release: Release,
  progress: HostProgress,
): Promise<StepResult> {
  // Another machine began this deploy: what was built there is on the hosts, and need not be here.
  if (run.isDone('unpack') && !(await run.needs.artifacts.has(release.artifact)))
    return {skipped: true, detail: 'the release is on the hosts already'}
  const needed = (await neededReleases(run, release.number)).filter((number) => number !== undefined)
  const look = {fence: run.fence, neededReleases: [...new Set(needed)], needs: release.needs ?? []}
  const {files} = await run.sourceOf(release, look)
  const isNew = run.record.kind === 'deploy' || run.record.kind === 'promote'
  const manifest = releaseManifest(release, files, isNew ? run.before?.active : undefined)
  run.manifest = manifest
  const failures = await progress.each(run.working(), async ({name}) => {
    const machine = await run.machine(name)
    const survey = await untilAborted(run.signal, machine.survey({...look, release: manifest}))
    run.surveys.set(name, survey)
    if (survey.missingPrograms.length > 0) throw missing(name, release, survey)
    const off = Math.round(survey.clockAheadMillis / 1_000)
    if (Math.abs(survey.clockAheadMillis) > clockMillis) {
      const direction = off > 0 ? 'ahead' : 'behind'
      run.warnOnce(`the clock of ${name} is ${Math.abs(off)} s ${direction}: its times in logs are wrong`)
    }
    return survey.missingBytes === 0 ? undefined : `${kilobytes(survey.missingBytes)} to send`
  })
  await leaveOut(run, failures)
  const bytes = run.working().reduce((sum, {name}) => sum + (run.surveys.get(name)?.missingBytes ?? 0), 0)
  const hosts = run.working().length
  const count = hosts === 1 ? '1 host' : `${hosts} hosts`
  return {detail: bytes === 0 ? `${count}, nothing to send` : `${count}, ${kilobytes(bytes)} to send`}
}

function missing(host: string, {service}: Release, {missingPrograms}: HostSurvey): YardError {
  const names = missingPrograms.join(' ')
  return new YardError('E_HOST_SETUP', {
    what: `Can't run ${service} on ${host}`,
    why: `${host} doesn't have ${names}, which needs: of service.yaml asks for`,
    next: [`apt-get install ${names}   # as root on ${host}`, 'yard deploy'],
  })
}

export function kilobytes(bytes: number): string {
  return bytes >= 1_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.ceil(bytes / 1_000)} kB`
}
