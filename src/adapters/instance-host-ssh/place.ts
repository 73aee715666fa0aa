import {type PlaceReport, type PlaceRequest} from '../../contracts/instance-host.js'
import {type RemoteResult, type RemoteShell} from '../../contracts/remote-shell.js'
import {
  type ContentFile,
  manifestFault,
  objectName,
  type ReleaseManifest,
  releaseManifestSchema,
} from '../../domain/release-manifest.js'
import {printable} from '../../domain/names.js'
import {releaseId} from '../../domain/release.js'
import {check} from '../../domain/schema.js'
import {YardError} from '../../errors.js'
import {listingOf, sumsOf} from './release-listing.js'
import {type ReleasePackings} from './release-packings.js'
import {type ReleasePlaces} from './release-places.js'
import {runReleaseScript} from './release-script-call.js'
import {scriptExits} from './release-scripts.js'
import {type Surveyed, surveyHost} from './survey.js'

export interface PlaceNeeds {
  shell: RemoteShell
  places: ReleasePlaces
  packings: ReleasePackings
}

const leastMillis = 120_000
/** A line that is slower than that is no line. */
const slowestBytesPerMillis = 20

/** @throws YardError E_ARTIFACT, E_DISK_FULL, E_FENCED, E_HOST_SETUP, E_PERMISSION, E_HOST_UNREACHABLE */
export async function placeRelease(
  needs: PlaceNeeds,
  request: PlaceRequest,
  surveyed: Surveyed,
): Promise<PlaceReport> {
  refuseUnfit(request.release)
  const {fence, release} = request
  const lookAgain = () =>
    surveyHost(needs.shell, needs.places, {fence, release, neededReleases: 'all', needs: []})
  let found = surveyed
  if (found.isThere && found.missing.length === 0) {
    const state = await verify(needs, request)
    if (state === 'whole') return {wasThere: true, filesSent: 0, bytesSent: 0}
    if (state === 'damaged') found = await lookAgain()
  }
  const report = await send(needs, request, found)
  if (report !== undefined) return report
  // Another deploy on the same machine removed what was there a moment ago.
  const second = await send(needs, request, await lookAgain())
  if (second !== undefined) return second
  throw new YardError('E_ARTIFACT', {
    what: `Can't bring ${releaseId(release.service, release.release)} to ${needs.shell.host}`,
    why: 'files there vanish while it is at work',
    next: ['yard deploys list   # is another deploy under way on the same machine', 'run the command again'],
    details: {host: needs.shell.host, step: 'place'},
  })
}

/** Undefined when a content that was there is there no longer. */
async function send(
  {packings, places, shell}: PlaceNeeds,
  {contents, fence, release}: PlaceRequest,
  {missing, survey}: Surveyed,
): Promise<PlaceReport | undefined> {
  const packing = await packings.pack({release, missing, contents})
  const result = await runReleaseScript(shell, places, 'place', {
    fence,
    service: release.service,
    release: release.release,
    args: [packing.work],
    input: packing.input,
    deadlineMillis: leastMillis + Math.ceil(survey.missingBytes / slowestBytesPerMillis),
  })
  if (result.exitCode === scriptExits.vanished) return undefined
  if (result.outcome !== 'succeeded') await refuse(shell, places, {fence, release}, result)
  return {wasThere: false, filesSent: missing.length, bytesSent: packing.bytesSent()}
}

/**
 * How a release is that is there: `unlike` when there is another one under its number, or one that somebody changed by hand;
 * `damaged` when bytes of it differ, as after a loss of power: they are dropped, so that they are sent again.
 */
async function verify(
  {places, shell}: PlaceNeeds,
  {fence, release}: PlaceRequest,
): Promise<'whole' | 'unlike' | 'damaged'> {
  const sums = sumsOf(release.files)
  const result = await runReleaseScript(shell, places, 'verify', {
    fence,
    service: release.service,
    release: release.release,
    args: [String(Buffer.byteLength(sums))],
    input: sums + listingOf(release),
    deadlineMillis: leastMillis,
  })
  if (result.outcome === 'succeeded') return 'whole'
  if (result.exitCode === scriptExits.unlike) return 'unlike'
  await forget(shell, places, {fence, release}, differingFiles(result.stdout, release))
  return 'damaged'
}

type Placed = Pick<PlaceRequest, 'fence' | 'release'>

/** Bytes that differ are dropped from what is there, so that the next deploy sends them again. */
async function refuse(
  shell: RemoteShell,
  places: ReleasePlaces,
  {fence, release}: Placed,
  result: RemoteResult,
): Promise<never> {
  const differing = differingFiles(result.stdout, release)
  await forget(shell, places, {fence, release}, differing)
  const [first] = differing
  const others = differing.length > 1 ? `, and ${differing.length - 1} more` : ''
  throw new YardError('E_ARTIFACT', {
    what: `${releaseId(release.service, release.release)} is not what it should be on ${shell.host}`,
    why:
      first === undefined
        ? `it holds more or less than it should: ${printable(result.stdout.trim().split('\n')[0] ?? '')}`
        : `the bytes of ${first.path}${others} differ from those that were built`,
    next: ['run the command again: it sends them anew', 'dmesg | tail   # there: is the disk failing'],
    details: {host: shell.host, step: 'place', files: differing.slice(0, 20).map(({path}) => path)},
  })
}

async function forget(
  shell: RemoteShell,
  places: ReleasePlaces,
  {fence, release}: Placed,
  files: readonly ContentFile[],
): Promise<void> {
  if (files.length === 0) return
  await runReleaseScript(shell, places, 'forget', {
    fence,
    service: release.service,
    release: release.release,
    args: [],
    input: files.map((file) => `${objectName(file)}\n`).join(''),
    deadlineMillis: leastMillis,
  })
}

/** Only what is in the release: the machine may name anything. */
function differingFiles(stdout: string, {files}: ReleaseManifest): ContentFile[] {
  const named = new Set(stdout.split('\n').map((line) => line.replace(/: FAILED(?: open or read)?$/, '')))
  return files.filter((file) => file.kind === 'file').filter(({path}) => named.has(path))
}

/** A fleet is sent the very same one. */
const fit = new WeakSet<ReleaseManifest>()

/** @throws YardError E_ARTIFACT for what the writer of a manifest must never have let in */
function refuseUnfit(release: ReleaseManifest): void {
  if (fit.has(release)) return
  const checked = check(releaseManifestSchema, release)
  const [problem] = checked.ok ? [] : checked.problems
  const fault = checked.ok
    ? manifestFault(release.files)
    : {path: String(problem?.path[1] ?? ''), why: problem?.message}
  if (fault === undefined) {
    fit.add(release)
    return
  }
  throw new YardError('E_ARTIFACT', {
    what: `Can't send ${releaseId(release.service, release.release)}`,
    why: `${printable(fault.path)} ${fault.why ?? 'is wrong'}`,
    next: ['yard deploy   # makes a release anew'],
    details: {path: fault.path},
  })
}
