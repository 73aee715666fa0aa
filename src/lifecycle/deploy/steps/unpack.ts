import {type Release} from '../../../domain/release.js'
import {kilobytes} from './check.js'
import {leaveOut} from '../undo/failed-hosts.js'
import {type HostProgress} from '../journal/host-progress.js'
import {type DeployRun, type StepResult} from '../run.js'

/** Brings the release to this machine and to every host, whole and verified. */
export async function unpack(run: DeployRun, release: Release, progress: HostProgress): Promise<StepResult> {
  const {artifacts} = run.needs
  const directory = await artifacts.unpack(release.artifact, release.service, release.number)
  const {manifest} = run
  if (manifest === undefined) return {}
  let [bytes, files] = [0, 0]
  const failures = await progress.each(run.working(), async ({name}) => {
    const machine = await run.machine(name)
    const placed = await machine.place({fence: run.fence, release: manifest, directory})
    bytes += placed.bytesSent
    files += placed.filesSent
    return placed.wasThere ? 'was there' : `${placed.filesSent} files sent`
  })
  await leaveOut(run, failures)
  const hosts = run.working().length
  const where = `on ${hosts === 1 ? '1 host' : `${hosts} hosts`}`
  return {detail: files === 0 ? `${where}, nothing was sent` : `${where}, ${kilobytes(bytes)} sent`}
}
