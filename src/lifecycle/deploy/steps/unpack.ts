import {type Release} from '../../../domain/release.js'
import {kilobytes} from './check.js'
import {leaveOut} from '../undo/failed-hosts.js'
import {type HostProgress} from '../journal/host-progress.js'
import {type DeployRun, type StepResult} from '../run.js'
import {untilAborted} from '../wait.js'

/** Brings the release to this machine, or to every host, whole and verified. */
export async function unpack(run: DeployRun, release: Release, progress: HostProgress): Promise<StepResult> {
  const {manifest, needs} = run
  if (manifest === undefined) {
    await needs.artifacts.unpack(release.artifact, release.service, release.number)
    return {}
  }
  const source = await run.sourceOf(release)
  let [bytes, files] = [0, 0]
  const failures = await progress.each(run.working(), async ({name}) => {
    const machine = await run.machine(name)
    const placing = machine.place({
      fence: run.fence,
      release: manifest,
      contents: (lacking) => source.directoryWith(lacking),
    })
    // What a host has got of it by then is no release yet, and the next look there removes it.
    const placed = await untilAborted(run.signal, placing)
    bytes += placed.bytesSent
    files += placed.filesSent
    return placed.wasThere ? 'was there' : `${placed.filesSent} files sent`
  })
  await leaveOut(run, failures)
  const hosts = run.working().length
  const where = `on ${hosts === 1 ? '1 host' : `${hosts} hosts`}`
  return {detail: files === 0 ? `${where}, nothing was sent` : `${where}, ${kilobytes(bytes)} sent`}
}
