import {type HostSurvey} from '../../../contracts/instance-host.js'
import {type Release} from '../../../domain/release.js'
import {YardError} from '../../../errors.js'
import {leaveOut} from '../undo/failed-hosts.js'
import {type HostProgress} from '../journal/host-progress.js'
import {neededReleases} from './prune.js'
import {releaseManifest} from './release-manifest.js'
import {type DeployRun, type StepResult} from '../run.js'

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
  const {artifacts} = run.needs
  // Another machine began this deploy: what was built there is on the hosts, and need not be here.
  if (run.isDone('unpack') && !(await artifacts.has(release.artifact)))
    return {skipped: true, detail: 'the release is on the hosts already'}
  await artifacts.unpack(release.artifact, release.service, release.number)
  const parent = run.record.kind === 'rollback' ? undefined : run.before?.active
  const manifest = await releaseManifest({artifacts}, release, parent)
  run.manifest = manifest
  const needed = (await neededReleases(run, release.number)).filter((number) => number !== undefined)
  const failures = await progress.each(run.working(), async ({name}) => {
    const machine = await run.machine(name)
    const survey = await machine.survey({
      fence: run.fence,
      release: manifest,
      neededReleases: [...new Set(needed)],
      needs: release.needs ?? [],
    })
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
    next: [`ssh ${host} sudo apt-get install ${names}`, 'yard deploy'],
  })
}

export function kilobytes(bytes: number): string {
  return bytes >= 1_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.ceil(bytes / 1_000)} kB`
}
